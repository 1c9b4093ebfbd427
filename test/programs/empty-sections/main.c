// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Empty sections, and symbols at the very end of a section, keep their place.
// opts: O2
// models: default fPIC no-pic
// why: the sections are in the assembler source
#include <stdio.h>

extern const char array[], array_end[], empty[];
int length(void);

int main(void) {
  printf("%d %d %d\n", (int)(array_end - array), length(), empty != 0);
  return 0;
}
