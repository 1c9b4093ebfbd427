// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An undefined instruction ends the program with SIGILL, and what was buffered is lost.
// status: 132
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
  __asm__ volatile("ud2");
  return 0;
}
