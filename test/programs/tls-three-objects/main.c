// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Three objects share each other's variables, whose offsets in the block differ.
// matrix: tls
#include <stdio.h>
extern __thread int first, second, third;
__thread int first = 1;
int sum(void);
void bump(int by);

int main(void) {
  bump(10);
  printf("%d %d %d %d\n", first, second, third, sum());
  third = 0;
  printf("%d\n", sum());
  return 0;
}
