// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program's thread-local definition takes the place of a library's of the same name, for the library too.
// shared: libstate.so = state.c
// matrix: tls-brief
#include <stdio.h>
__thread int state = 1;
int state_of_library(void);
int main(void) {
  state += 20;
  printf("%d %d\n", state, state_of_library());
  return 0;
}
