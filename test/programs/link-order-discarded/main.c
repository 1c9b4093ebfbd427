// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections with SHF_LINK_ORDER are dropped with the section of a group that they are linked to.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);
typedef int function(void);
extern function *const __start_notes[], *const __stop_notes[];

int main(void) {
  int count = 0, sum = 0;
  for (function *const *at = __start_notes; at != __stop_notes; ++at, ++count) sum += (*at)();
  printf("%d %d %d\n", count, sum, from_a() + from_b());
  return 0;
}
