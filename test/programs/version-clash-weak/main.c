// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A default version is as strong as its symbol; another version does not clash with the plain name.
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__asm__(".symver old_shape, shape@LIB_1");
int kind(void), shape(void), old_shape(void);
__attribute__((weak)) int kind(void) { return 1; }
int shape(void) { return 10; }

int main(void) {
  printf("%d %d %d\n", kind(), shape(), old_shape());
  return 0;
}
