// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A nested function, called through a trampoline, reads the variables of the thread that calls it.
// compilers: gcc
// opts: O0 O2
// models: default fPIC
// why: nested functions are an extension of gcc, their trampolines need an executable stack
#include <stdio.h>
#include <stdlib.h>

static __thread int sign = -1;
int main(void) {
  int values[4] = {3, 1, 2, 4};
  int compare(const void *a, const void *b) { return sign * values[0] / values[0] * (*(int *)a - *(int *)b); }
  int sorted[4] = {3, 1, 2, 4};
  qsort(sorted, 4, sizeof(int), compare);
  printf("%d %d %d %d\n", sorted[0], sorted[1], sorted[2], sorted[3]);
  return 0;
}
