// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Code addresses data of the C library as its flags say, by PC32 with gcc's default: stdout, stdin, environ, optind.
// args: -a -b value rest
// stdin: typed
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  optind = 1;
  for (int option; (option = getopt(argc, argv, "ab:")) != -1;)
    fprintf(stdout, "%c %s\n", option, optarg ? optarg : "-");
  fprintf(stdout, "%d %d %c\n", optind, environ != 0, getc(stdin));
  fputs("to stderr\n", stderr);
  return 0;
}
