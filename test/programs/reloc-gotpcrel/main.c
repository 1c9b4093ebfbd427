// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOTPCREL in instructions and data that no linker rewrites: push, SSE, compare with an immediate.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int word = 321;
__attribute__((visibility("default"))) extern int absent __attribute__((weak));
int *by_push(void), *by_sse(void), *by_field(void), *by_plain_mov(void);
int word_is_null(void), absent_is_null(void), absent_is_one(void);

int main(void) {
  printf("%d %d %d %d\n", *by_push(), *by_sse(), *by_field(), *by_plain_mov());
  printf("%d %d %d\n", word_is_null(), absent_is_null(), absent_is_one());
  return 0;
}
