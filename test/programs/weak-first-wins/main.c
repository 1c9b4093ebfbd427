// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Of several weak definitions the first in link order is everybody's.
#include <stdio.h>

int pick(void), from_b(void), from_c(void);

int main(void) {
  printf("%d %d %d\n", pick(), from_b(), from_c());
  return 0;
}
