// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit in the middle of main runs handlers and finalisers, flushes, and gives its status.
// status: 200
#include <stdio.h>
#include <stdlib.h>

__attribute__((destructor)) static void fini(void) { puts("fini"); }
static void handler(void) { puts("handler"); }

int main(void) {
  atexit(handler);
  printf("not yet flushed; ");
  exit(200);
}
