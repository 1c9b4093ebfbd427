// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by a constructor, before main, runs handlers and destructors and flushes.
// status: 5
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("handler"); }
__attribute__((destructor)) static void end(void) { puts("end"); }
__attribute__((constructor)) static void begin(void) {
  atexit(handler);
  printf("begin ");
  exit(5);
}

int main(void) {
  puts("not reached");
  return 0;
}
