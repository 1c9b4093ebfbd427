// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Archive members are pulled in chains: a needs b, b needs another of a, and what nobody needs stays out.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: liba.a = a1.c a2.c unused.c
// archive: libb.a = b.c
// link: liba.a
#include <stdio.h>

int a1(int);

int main(void) {
  printf("%d\n", a1(1));
  return 0;
}
