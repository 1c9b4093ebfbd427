// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Several accesses by R_X86_64_TLSGD in a row, to variables of .tdata and .tbss, keep each other's results.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread int a = 1, b = 20, zero;
int *addresses(int **first, int **second);
int main(void) {
  int *first, *second, *third = addresses(&first, &second);
  printf("%d %d %d\n", first == &a, second == &b, third == &zero);
  return 0;
}
