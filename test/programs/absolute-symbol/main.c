// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A global SHN_ABS symbol is its value, and nothing is added to it.
// opts: O2
// models: default fPIC
// why: the absolute symbol is in assembler; a linker cannot reach it directly from code that moves, so a table holds it
#include <stdio.h>

extern const unsigned long table[3];

int main(void) {
  printf("%#lx %#lx %#lx\n", table[0], table[1], table[2]);
  return 0;
}
