// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Members whose names are longer than 15 characters, and two members that differ only past that, are told apart.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: lib.a = a_member_with_a_long_name_1.c a_member_with_a_long_name_2.c
#include <stdio.h>

int first(void), second(void);

int main(void) {
  printf("%d %d\n", first(), second());
  return 0;
}
