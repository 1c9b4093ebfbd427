// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static functions and data of one name in several objects are distinct.
#include <stdio.h>

static int state = 1;
static int step(void) { return state += 1; }
int other_step(void);

int main(void) {
  step();
  other_step();
  printf("%d %d\n", step(), other_step());
  return 0;
}
