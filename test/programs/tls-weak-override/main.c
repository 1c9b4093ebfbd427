// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A strong definition of a thread-local variable wins over a weak one, for the weak one's object too.
// matrix: tls-brief
#include <stdio.h>
__thread int level __attribute__((weak)) = 1;
__thread int alone __attribute__((weak)) = 2;
int other_level(void);
int main(void) {
  printf("%d %d %d\n", level, alone, other_level());
  level = 6;
  printf("%d\n", other_level());
  return 0;
}
