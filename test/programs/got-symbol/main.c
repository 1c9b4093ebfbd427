// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _GLOBAL_OFFSET_TABLE_ is one address for all objects of the set, near enough for 32 bits.
#include <stdio.h>

char *other_got(void);

int main(void) {
  char *got;
  __asm__("leaq _GLOBAL_OFFSET_TABLE_(%%rip), %0" : "=r"(got));
  printf("%d\n", got == other_got());
  return 0;
}
