// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A division by zero ends the program with SIGFPE, and what was buffered is lost.
// status: 136
// opts: O0
// models: default no-pic
// why: the fact is the process's, not the code's
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

volatile int zero;

int main(void) {
  puts("flushed");
  fflush(stdout);
  printf("lost");
  return 100 / zero;
  return 0;
}
