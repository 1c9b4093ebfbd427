// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A write to the C library's datum is seen by the library, and the other way round.
// models: default fPIC no-plt medium large
// why: with -fno-pic, a copy of the library's datum has a life of its own, which is documented
// args: x y z
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  opterr = 0;
  optind = 2;
  while (getopt(argc, argv, "q") != -1) {}
  printf("%s\n", argv[optind]);
  FILE *saved = stdout;
  stdout = stderr;
  printf("to standard error now\n");
  stdout = saved;
  printf("and back\n");
  return 0;
}
