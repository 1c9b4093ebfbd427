// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A .gnu.linkonce section and a group of one name that define different symbols are both kept.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void), extra(void);

int main(void) {
  printf("%d %d %d\n", from_a(), from_b(), extra());
  return 0;
}
