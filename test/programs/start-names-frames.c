// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A strong reference to the name of the unwinder's search table finds the table.
// compilers: gcc
// models: default
// why: GNU ld 2.40 crashes over such references in other objects
#include <stdio.h>

extern const unsigned char __GNU_EH_FRAME_HDR[];

int main(void) {
  const unsigned char *volatile table = __GNU_EH_FRAME_HDR;
  printf("%d\n", table[0]);
  return 0;
}
