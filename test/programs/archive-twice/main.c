// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An archive may stand on the line more than once; each of its members is linked once.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: libx.a = x.c
// inputs: libx.a main.o y.o libx.a
#include <stdio.h>

int x(void), y(void);

int main(void) {
  printf("%d %d\n", x(), y());
  return 0;
}
