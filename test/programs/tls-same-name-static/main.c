// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static variables of one name in two objects and two functions are four variables.
// matrix: tls-brief
#include <stdio.h>
static __thread int state = 1;
int other(void), again(void);
static int mine(void) {
  static __thread int state = 10;
  return state++;
}
int main(void) {
  mine(), other(), again();
  printf("%d %d %d %d\n", state, mine(), other(), again());
  return 0;
}
