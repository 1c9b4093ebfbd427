// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A .gnu.linkonce section gives way to an earlier COMDAT group of one section and that signature.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);

int main(void) {
  printf("%d %d\n", from_a(), from_b());
  return 0;
}
