// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: With three marks a definition is a default version, a reference is to that version, and no other name is left.
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__asm__(".symver asked, kind@@@LIB_2");
int asked(void), kind(void);

int main(void) {
  printf("%d %d\n", asked(), kind());
  return 0;
}
