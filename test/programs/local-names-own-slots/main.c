// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Two objects' locals of one name have a GOT slot each.
// opts: O2
// models: default fPIC no-pic
// why: the GOT loads are in the assembler source
#include <stdio.h>

int *load_a(void), *load_b(void);

int main(void) {
  *load_a() += 1;
  printf("%d %d\n", *load_a(), *load_b());
  return load_a() == load_b();
}
