// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A weak reference pulls no archive member; a member pulled for another reason then defines it.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: lib.a = alone.c both.c
#include <stdio.h>

__attribute__((weak)) int alone(void);
__attribute__((weak)) int companion(void);
int wanted(void);

int main(void) {
  printf("%d\n", wanted());
  printf("%d %d\n", alone ? alone() : -1, companion ? companion() : -1);
  return 0;
}
