// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: stdout is flushed at exit, stderr at once, and the two stay apart.
// status: 1
#include <stdio.h>

int main(void) {
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  printf("buffered ");
  fprintf(stderr, "to stderr ");
  for (int i = 0; i < 20000; i++) putchar('a' + i % 26);
  fputs("end\n", stderr);
  fputs("no newline at the end", stdout);
  return 1;
}
