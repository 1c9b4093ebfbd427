// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PC64 holds a 64-bit distance, to functions and data of other objects and its own.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int words[4] = {1, 2, 3, 4};
int twice(int x) { return 2 * x; }
extern const long to_words, to_function, to_local;
int local_value(void);

int main(void) {
  int *w = (int *)((char *)&to_words + to_words);
  int (*f)(int) = (int (*)(int))((char *)&to_function + to_function);
  printf("%d %d %d\n", *w, f(21), *(int *)((char *)&to_local + to_local));
  return 0;
}
