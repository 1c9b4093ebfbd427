// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Addends of TPOFF32 and DTPOFF32 lead to elements within a variable and past its neighbours.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread int table[8] = {0, 10, 20, 30, 40, 50, 60, 70};
int by_tpoff(void), by_dtpoff(void), before_end(void);
int main(void) {
  printf("%d %d %d\n", by_tpoff(), by_dtpoff(), before_end());
  return 0;
}
