// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by an atexit handler runs the handlers that are left, with the newer status.
// status: 7
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>

static void last(void) { puts("last"); }
static void middle(void) {
  puts("middle");
  exit(7);
}
static void first(void) { puts("first"); }

int main(void) {
  atexit(last);
  atexit(middle);
  atexit(first);
  return 3;
}
