// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_32 and 32S hold an address below 2 GiB, as an immediate, a displacement and a datum.
// opts: O2
// models: no-pic
// why: a 32-bit absolute address needs a program below 2 GiB
#include <stdio.h>

int values[8] = {10, 11, 12, 13, 14, 15, 16, 17};
int *by_imm32(void), *by_imm32s(void);
int by_displacement(long index), by_negative(long index);
extern unsigned narrow[2];

int main(void) {
  printf("%d %d %d %d\n", *by_imm32(), *by_imm32s(), by_displacement(3), by_negative(2));
  printf("%d %d\n", *(int *)(unsigned long)narrow[0], *(int *)(unsigned long)narrow[1]);
  return 0;
}
