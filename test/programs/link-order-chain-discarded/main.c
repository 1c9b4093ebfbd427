// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections that are linked to a dropped section by way of others are dropped, too.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

int from_a(void), from_b(void);
extern char __start_more[], __stop_more[], __start_mores[], __stop_mores[];

int main(void) {
  printf("%d %d %d\n", (int)(__stop_more - __start_more), (int)(__stop_mores - __start_mores), from_a() + from_b());
  return 0;
}
