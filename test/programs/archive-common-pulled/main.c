// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A member that defines a symbol which an object has only as a common is pulled, and its definition counts.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// flags: -fcommon
// archive: lib.a = value.c
#include <stdio.h>

int value;

int main(void) {
  printf("%d\n", value);
  return 0;
}
