// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Pairs of relocations, the second of which goes when the first is rewritten, in sections of hundreds.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread int variable = 42;
int one(void) { return 1; }
int even(void), odd(void);
int main(void) {
  printf("%d %d\n", even(), odd());
  variable = 1;
  printf("%d %d\n", even(), odd());
  return 0;
}
