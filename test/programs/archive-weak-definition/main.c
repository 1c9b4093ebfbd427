// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A weak definition in an object is enough: the archive's strong one is not pulled, unless its member is anyway.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: lib.a = strong.c other.c
#include <stdio.h>

__attribute__((weak)) int stays(void) { return 1; }
__attribute__((weak)) int replaced(void) { return 2; }
int wanted(void);

int main(void) {
  printf("%d %d %d\n", stays(), replaced(), wanted());
  return 0;
}
