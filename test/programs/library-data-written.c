// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A write to the C library's datum is seen by the library, and the library's writes are seen here.
// models: default fPIC no-plt medium large
// why: library-variables-direct is the same with -fno-pic
// args: skipped -b value rest
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  optind = 2;
  for (int option; (option = getopt(argc, argv, "b:")) != -1;) printf("%c %s\n", option, optarg);
  printf("%d %s\n", optind, argv[optind]);
  FILE *saved = stdout;
  stdout = stderr;
  printf("to standard error now\n");
  stdout = saved;
  printf("and back\n");
  return 0;
}
