// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Sections of several objects with different alignments are laid out in one block, .tdata before .tbss.
// matrix: tls-brief
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

extern __thread char a1, b1, c1;
extern __thread int a32, b128, c16;
__thread char a1 = 1;
__thread int a32 __attribute__((aligned(32)));

int main(void) {
  printf("%d %d %d\n", a1, b1, c1);
  printf("%d %d %d\n", a32, b128, c16);
  printf("%d %d %d\n", past(&a32, 32), past(&b128, 128), past(&c16, 16));
  return 0;
}
