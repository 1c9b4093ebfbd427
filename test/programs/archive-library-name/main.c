// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -L and -l find an archive by name.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: libnamed.a = named.c
// inputs: main.o -L. -lnamed
#include <stdio.h>

int named(void);

int main(void) {
  printf("%d\n", named());
  return 0;
}
