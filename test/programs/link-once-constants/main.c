// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Constants of a .gnu.linkonce function are dropped with its code, if only the second copy has any.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);

int main(void) {
  printf("%d %d\n", from_a(), from_b());
  return 0;
}
