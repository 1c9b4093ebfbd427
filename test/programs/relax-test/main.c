// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: test of a register against a slot sees the address, with low and high registers.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

int word = 7;
unsigned test_own(long bits), test_own_high(long bits), test_library(long bits), test_library_high(long bits);

int main(void) {
  long own = (long)&word;
  if (test_own(~own) || !test_own(own) || test_own_high(~own) || !test_own_high(own)) return puts("own"), 1;
  if (test_library(0) || !test_library(-1) || test_library_high(0) || !test_library_high(-1)) return puts("lib"), 1;
  puts("as expected");
  return 0;
}
