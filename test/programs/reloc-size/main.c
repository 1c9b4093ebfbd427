// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_SIZE32 and SIZE64 hold the size of a symbol, plus an addend.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

char odd[12345];
extern const unsigned size32, size32_more;
extern const unsigned long size64, size_of_hidden;
unsigned long by_imm(void);

int main(void) {
  odd[0] = 1;
  printf("%u %u %lu %lu %lu\n", size32, size32_more, size64, size_of_hidden, by_imm());
  return 0;
}
__attribute__((visibility("hidden"))) long hidden[7] = {1};
