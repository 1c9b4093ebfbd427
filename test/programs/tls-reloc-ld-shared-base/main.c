// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: One base by R_X86_64_TLSLD serves loads, stores and addresses of several variables by R_X86_64_DTPOFF32.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread long first = 1, second = 20;
__thread short third;
long work(void);
int main(void) {
  long sum = work();
  printf("%ld %ld %d\n", sum, second, third);
  return 0;
}
