// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: gcc's nested functions work, as long as nobody takes their address (which needs an executable stack).
// compilers: gcc
// why: clang has no nested functions
#include <stdio.h>

int main(void) {
  int sum = 0;
  void add(int n) { sum += n; }
  for (int i = 0; i < 5; i++) add(i);
  printf("%d\n", sum);
  return 0;
}
