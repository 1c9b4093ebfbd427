// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: raise(SIGTERM) ends the program with that signal, and what was buffered is lost.
// status: 143
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
  raise(SIGTERM);
  return 0;
}
