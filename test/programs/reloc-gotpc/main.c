// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOTPC32 and GOTPC64 give the same GOT address from anywhere, equal to _GLOBAL_OFFSET_TABLE_ as seen from C.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

char *by_gotpc32(void), *by_gotpc64(void), *by_field(void);

int main(void) {
  printf("%d %d\n", by_gotpc32() == by_gotpc64(), by_gotpc32() == by_field());
  return 0;
}
