// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A GOT load and an indirect call of an undefined weak symbol give null, rewritten or not.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

unsigned long load_absent(void);
int call_if_present(void);

int main(void) {
  printf("%#lx %d\n", load_absent(), call_if_present());
  return 0;
}
