// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Data, constants, bss and code keep an alignment of 64 KiB.
// opts: O2
// models: default fPIC no-pic large
// why: the alignment is the section's, whatever code is in it, and the programs are big
#include <stdio.h>

#define ALIGN 65536
char before_data = 1;
_Alignas(ALIGN) int data[3] = {1, 2, 3};
char before_bss;
_Alignas(ALIGN) char bss[ALIGN / 2];
_Alignas(ALIGN) const int constant[2] = {4, 5};
__attribute__((aligned(ALIGN), noinline)) int function(int n) { return n + data[1]; }

int main(void) {
  bss[ALIGN / 2 - 1] = 6;
  printf("%lu %lu ", (unsigned long)data % ALIGN, (unsigned long)bss % ALIGN);
  printf("%lu %lu\n", (unsigned long)constant % ALIGN, (unsigned long)function % ALIGN);
  printf("%d %d %d %d\n", function(1), constant[1], bss[ALIGN / 2 - 1], before_data + before_bss);
  return 0;
}
