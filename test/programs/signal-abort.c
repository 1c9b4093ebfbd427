// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: abort() ends the program with SIGABRT, and what was buffered is lost.
// status: 134
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
  abort();
  return 0;
}
