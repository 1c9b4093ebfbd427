// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_64 holds S + A, for positive, negative and no addends, and for a local symbol.
// opts: O2
// models: default fPIC
// why: the relocations in question are in the assembler source; with -fno-pic, puts is a stub of the program
#include <stdio.h>

int values[8] = {10, 11, 12, 13, 14, 15, 16, 17};
extern int *const table[4];
extern int (*const functions[2])(const char *);

int main(void) {
  for (int i = 0; i < 4; i++) printf("%d\n", *table[i]);
  functions[0]("through a 64-bit address");
  return functions[0] != puts || functions[1] != functions[0];
}
