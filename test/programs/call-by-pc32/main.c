// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A call or jump by PC32, as old assemblers wrote it, reaches the C library's functions too.
// opts: O2
// models: no-pic
// why: the call is in the assembler source; ld takes PC32 to a library function only there
#include <stdio.h>

int call_library(const char *), tail_library(const char *);

int main(void) {
  printf("%d %d\n", call_library("-12"), tail_library("13"));
  return 0;
}
