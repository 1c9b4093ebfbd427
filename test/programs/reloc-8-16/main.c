// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_8 and 16 hold an absolute symbol, with an addend, up to the unsigned limit of the field.
// opts: O2
// models: no-pic
// why: ld takes 8 and 16 bit relocations only where nothing moves; they are in the assembler source
#include <stdio.h>

extern unsigned char bytes[3];
extern unsigned short words[3];
int by_imm8(void), by_imm16(void);

int main(void) {
  printf("%d %d %d\n", bytes[0], bytes[1], bytes[2]);
  printf("%d %d %d\n", words[0], words[1], words[2]);
  printf("%d %d\n", by_imm8(), by_imm16());
  return 0;
}
