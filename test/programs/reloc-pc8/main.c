// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PC8 holds S + A - P, as data and as the displacement of a short jump, both ways.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int forward(void), backward(void);
extern const signed char ahead, behind;
extern const char here;

int main(void) {
  printf("%d %d\n", forward(), backward());
  printf("%d %d\n", ahead, behind);
  return *(&ahead + ahead) != 77 || &behind + behind != &here;
}
