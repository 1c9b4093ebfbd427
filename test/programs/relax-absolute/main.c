// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A GOT load of an absolute symbol gives its value, whatever the register and the size of the value.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

unsigned long load_small(void), load_small_high(void), load_wide(void), load_negative(void), add_small(unsigned long);

int main(void) {
  printf("%#lx %#lx %#lx\n", load_small(), load_small_high(), load_wide());
  printf("%#lx %#lx\n", load_negative(), add_small(3));
  return 0;
}
