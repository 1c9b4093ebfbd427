// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOTTPOFF in movq and addq works with every general register, rsp apart.
// generate: registers.s = registers.py
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread int padding = 1;
__thread int variable = 42;
extern int *(*const by_mov[15])(void), *(*const by_add[15])(void);
int main(void) {
  for (int i = 0; i < 15; i++) printf("%d%d ", by_mov[i]() == &variable, by_add[i]() == &variable);
  puts("");
  return 0;
}
