// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local sections of any name that the compiler did not think of join the block by their flags.
// opts: O2
// models: default fPIC no-pic
// why: the sections are the assembler source's
#include <stdio.h>
extern __thread int first, second, third;
int main(void) {
  printf("%d %d %d %d\n", first, second, third, (int)((unsigned long)&third % 32));
  return 0;
}
