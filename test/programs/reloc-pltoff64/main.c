// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_PLTOFF64 is the distance from the GOT to something that calls the function.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int twice(int x) { return 2 * x; }
int call_defined(int), call_library(const char *);

int main(void) {
  printf("%d %d\n", call_defined(4), call_library("-12"));
  return 0;
}
