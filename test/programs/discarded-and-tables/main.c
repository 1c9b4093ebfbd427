// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Tables of exceptions and of stack traces may speak of functions that are dropped.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);

int main(void) {
  printf("%d\n", from_a() + from_b());
  return 0;
}
