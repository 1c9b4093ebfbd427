// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A conditional jump goes to another section, another object and the C library, by PLT32 and by PC32.
// opts: O2
// models: no-pic
// why: the jumps are in the assembler source; ld takes PC32 to a library function only there
#include <stdio.h>

int twice(int x) { return 2 * x; }
int positive_twice(int), positive_section(int), nonzero_library(const char *, int), pc32_library(const char *, int);

int main(void) {
  printf("%d %d\n", positive_twice(4), positive_twice(-4));
  printf("%d %d\n", positive_section(4), positive_section(-4));
  printf("%d %d\n", nonzero_library("55", 1), nonzero_library("55", 0));
  printf("%d %d\n", pc32_library("66", 1), pc32_library("66", 0));
  return 0;
}
