// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Variables in .gnu.linkonce sections are kept once: initialised ones, zeros and thread-locals.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

extern int value, zero;
extern _Thread_local int own;
int *value_of_a(void), *zero_of_a(void);

int main(void) {
  value += 1;
  printf("%d %d %d %d\n", *value_of_a(), zero, zero_of_a() == &zero, own);
  return 0;
}
