// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections with SHF_LINK_ORDER lie in the order of the sections they are linked to.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

extern const long __start_about[], __stop_about[];
void one(void), two(void), three(void);

int main(void) {
  one(), two(), three();
  for (const long *p = __start_about; p != __stop_about; p++) printf("%ld\n", *p);
  return 0;
}
