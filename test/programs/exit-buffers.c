// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: What is buffered in stdout and in other streams is written at exit, after the handlers' own output.
// stderr: ignore
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>

static char buffer[1 << 16];
static void handler(void) { printf("by the handler\n"); }

int main(void) {
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  FILE *other = fdopen(2, "w");
  setvbuf(other, 0, _IOFBF, 4096);
  atexit(handler);
  for (int i = 0; i < 100; i++) printf("line %d\n", i);
  fputs("to another stream\n", other);
  return 0;
}
