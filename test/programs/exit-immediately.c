// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _exit runs no handler and flushes nothing.
// status: 11
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { write(1, "handler\n", 8); }

int main(void) {
  atexit(handler);
  printf("buffered");
  write(1, "written\n", 8);
  _exit(11);
}
