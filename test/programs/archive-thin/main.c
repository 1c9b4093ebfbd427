// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thin archive refers to its members' files.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// thin-archive: libthin.a = one.c two.c
#include <stdio.h>

int one(void);

int main(void) {
  printf("%d\n", one());
  return 0;
}
