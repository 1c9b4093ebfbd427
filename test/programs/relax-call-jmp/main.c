// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: call and jmp through a slot reach functions of the set and of the C library, and leave the stack as it was.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

int twice(int x) { return 2 * x; }
int call_own(int), jump_own(int), call_library(const char *), jump_library(const char *), call_local(void);

int main(void) {
  printf("%d %d %d\n", call_own(1), jump_own(2), call_local());
  printf("%d %d\n", call_library("33"), jump_library("44"));
  return 0;
}
