// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Recursive calls count their depth in a variable, and leave it as they found it.
// matrix: tls-brief
#include <stdio.h>

static __thread int depth, deepest;
__attribute__((noinline)) static int walk(int n) {
  depth++;
  if (depth > deepest) deepest = depth;
  int below = n > 0 ? walk(n - 1) + walk(n - 2) : 1;
  depth--;
  return below;
}

int main(void) {
  int calls = walk(10);
  printf("%d %d %d\n", calls, depth, deepest);
  return 0;
}
