// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PLT32 calls and jumps to functions of the set and of the C library.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int twice(int x) { return 2 * x; }
int call_defined(int), tail_defined(int), call_library(const char *), tail_library(const char *);

int main(void) {
  printf("%d %d\n", call_defined(4), tail_defined(5));
  printf("%d %d\n", call_library("-12"), tail_library("345"));
  return 0;
}
