// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Commons of different sizes are one object, of the largest size, wherever the larger one stands.
// flags: -fcommon
#include <stdio.h>

int shared_small_first[2];
int shared_large_first[64];
int guard;
void fill(void);

int main(void) {
  guard = 4711;
  fill();
  printf("%d %d %d %d\n", shared_small_first[0], shared_small_first[1], shared_large_first[0], guard);
  return 0;
}
