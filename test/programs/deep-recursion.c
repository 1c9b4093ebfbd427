// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: main has the process's whole stack: recursion six megabytes deep returns.
// opts: O0
// models: default no-pic
// why: an optimiser makes a loop of the recursion
#include <stdio.h>

static int sum(int n) {
  volatile char frame[1000];
  frame[n % 1000] = 1;
  return n == 0 ? 0 : frame[n % 1000] + sum(n - 1);
}

int main(void) {
  printf("%d\n", sum(5500));
  return 0;
}
