// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOT32 is the offset of a slot in the GOT, for a global, a local and a library symbol.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
#include <stdlib.h>

int word = 1234;
int *own(void), *local(void);
int (*library(void))(const char *);

int main(void) {
  printf("%d %d %d\n", *own(), *local(), library()("77"));
  return own() != &word;
}
