// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Where objects mix .ctors.NNNNN and .init_array.MMMMM, one order by priority holds for all.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
#include <stdio.h>

__attribute__((constructor(200))) static void array_200(void) { puts("init_array 200"); }
__attribute__((constructor(400))) static void array_400(void) { puts("init_array 400"); }
__attribute__((constructor)) static void array_plain(void) { puts("init_array"); }

int main(void) {
  puts("main");
  return 0;
}
