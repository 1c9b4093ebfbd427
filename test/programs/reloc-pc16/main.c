// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PC16 holds S + A - P, both ways.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

extern const short ahead, behind;
extern const char here, there;

int main(void) {
  printf("%d %d\n", ahead, behind);
  return (const char *)&ahead + ahead != &there || (const char *)&behind + behind != &here + 3;
}
