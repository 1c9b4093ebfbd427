// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A COMDAT group of several sections is kept or dropped whole, and a group's local names stay with it.
// opts: O2
// models: default fPIC
// why: the groups are in the assembler sources
#include <stdio.h>

int call_a(void), call_b(void);

int main(void) {
  int a = call_a(), b = call_b();
  printf("%d %d\n", a, b);
  return 0;
}
