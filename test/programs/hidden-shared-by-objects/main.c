// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A hidden symbol of one object is seen by every object of the set.
#include <stdio.h>

__attribute__((visibility("hidden"))) extern int counter;
__attribute__((visibility("hidden"))) int next(void);

int main(void) {
  counter = 5;
  next();
  printf("%d %d\n", next(), counter);
  return 0;
}
