// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Other sections may not speak of functions that are dropped, by any other name than the one that is kept.
// system-error: referenced in section `__patchable_function_entries' of b.o
// expect-error: b\.o: __patchable_function_entries\+0x0.*discarded
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);

int main(void) {
  printf("%d\n", from_a() + from_b());
  return 0;
}
