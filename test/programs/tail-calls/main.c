// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Tail calls across objects and into the C library return to the first caller.
// flags: -foptimize-sibling-calls
#include <stdio.h>

int countdown(int);
int elsewhere(int n) { return n <= 0 ? 17 : countdown(n - 1); }
int print(const char *text);

int main(void) {
  printf("%d\n", countdown(1000));
  return print("printed by a tail call") < 0;
}
