// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Code addresses data of the C library as its flags say, by PC32 with gcc's default: stdout, stdin, environ, optind.
// stdin: typed
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  fprintf(stdout, "%d %d %d %c\n", optind, opterr, environ != 0, getc(stdin));
  fputs("to stderr\n", stderr);
  return 0;
}
