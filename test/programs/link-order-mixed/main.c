// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections of a name with SHF_LINK_ORDER lie behind those without.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

extern const long __start_about[], __stop_about[];
void one(void), two(void);

int main(void) {
  one(), two();
  for (const long *p = __start_about; p != __stop_about; p++) printf("%ld\n", *p);
  return 0;
}
