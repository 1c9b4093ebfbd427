// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_TPOFF32 is a displacement from the thread pointer, in %fs operands and in address arithmetic.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include "../tls-reloc-gd/check.h"
int load(void);
int main(void) {
  printf("%d\n", load());
  return in_two_threads();
}
