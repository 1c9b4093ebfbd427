// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_NONE changes nothing where it stands.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int target = 1;
extern const unsigned long field;

int main(void) {
  printf("%#lx %d\n", field, target);
  return 0;
}
