// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Debug sections that describe thread-local variables, with DTPOFF in .debug_info, do not stand in the way.
// flags: -g3
// matrix: tls-brief
#include <stdio.h>

__thread int global = 1;
static __thread struct { int x, y; } pair = {2, 3};

int main(void) {
  static __thread int local = 4;
  int *pointer = &local;
  printf("%d %d %d\n", global++, pair.x + pair.y, *pointer);
  return 0;
}
