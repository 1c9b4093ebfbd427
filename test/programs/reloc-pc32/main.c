// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PC32 counts from the field, whatever immediate follows it in the instruction.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int word = 1000, words[4] = {1, 2, 3, 4};
unsigned char octet = 9;
int load(void), load_local(void), compare_imm8(void);
void store_imm8(void), store_imm32(void), store_imm16(void);
extern const int delta, delta_plus;

int main(void) {
  printf("%d %d %d\n", load(), load_local(), compare_imm8());
  store_imm8();
  store_imm32();
  printf("%d %#x\n", octet, word);
  store_imm16();
  printf("%#x\n", word);
  return (char *)&delta + delta != (char *)words || (char *)&delta_plus + delta_plus != (char *)words + 8;
}
