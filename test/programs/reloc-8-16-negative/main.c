// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_8 and 16 take negative values too: the field is a bit field, signed or not.
// opts: O2
// models: no-pic
// why: ld takes 8 and 16 bit relocations only where nothing moves; they are in the assembler source
#include <stdio.h>

extern signed char bytes[2];
extern short words[2];

int main(void) {
  printf("%d %d %d %d\n", bytes[0], bytes[1], words[0], words[1]);
  return 0;
}
