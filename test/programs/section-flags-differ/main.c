// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections of one name and different flags coexist: each keeps the protection that its flags ask for.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source; data in a code section needs code that does not write to it
#include <stdio.h>

extern int writable;
extern const int constant;
int function(void);

int main(void) {
  writable += 1;
  printf("%d %d %d\n", writable, constant, function());
  return 0;
}
