// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Commons of different alignments are one object, of the strictest alignment.
// flags: -fcommon
#include <stdio.h>

char first_filler;
_Alignas(16) char block[64];
char second_filler;
char *other_block(void);

int main(void) {
  first_filler = second_filler = 1;
  printf("%lu %d\n", (unsigned long)block % 4096, other_block() == block);
  return 0;
}
