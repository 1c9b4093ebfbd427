// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Entries of a mergeable section that look alike in the file and are relocated differently stay apart.
// opts: O2
// models: default no-pic
// why: the section is in the assembler source
#include <stdio.h>

int one = 1, two = 2;
extern int *const entries[3];

int main(void) {
  printf("%d %d %d\n", *entries[0], *entries[1], *entries[2]);
  return 0;
}
