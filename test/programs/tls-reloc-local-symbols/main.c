// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Relocations against local thread-local symbols, which two objects may both call the same, find their own.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
int *first_general(void), *first_initial(void), *first_exec(void), *first_descriptor(void);
int *second_general(void), *second_initial(void), *second_exec(void), *second_descriptor(void);
int main(void) {
  int *a = first_general(), *b = second_general();
  printf("%d %d %d %d\n", *a, a == first_initial(), a == first_exec(), a == first_descriptor());
  printf("%d %d %d %d\n", *b, b == second_initial(), b == second_exec(), b == second_descriptor());
  return 0;
}
