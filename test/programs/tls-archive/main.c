// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A reference to a thread-local variable pulls the archive member that defines it, and no other.
// archive: libstate.a = state.c unused.c
// matrix: tls-brief
#include <stdio.h>
extern __thread int state;
void advance(void);
int main(void) {
  state += 1;
  advance();
  printf("%d\n", state);
  return 0;
}
