// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOTTPOFF gives an index that loads and stores through %fs directly.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread long first = 7, second;
long work(long by);
int main(void) {
  printf("%ld ", work(3));
  printf("%ld %ld\n", first, second);
  return 0;
}
