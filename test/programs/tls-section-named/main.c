// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local sections of any name that the compiler did not think of join the block by their flags.
// opts: O2
// models: default fPIC no-pic
// why: the sections are the assembler source's
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

extern __thread int first, second, third;
int main(void) {
  printf("%d %d %d %d\n", first, second, third, past(&third, 32));
  return 0;
}
