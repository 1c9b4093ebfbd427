// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library that reaches its own variables by initial-exec shares them with the program.
// shared: libstate.so = state.c
// flags-of: state.c = -ftls-model=initial-exec
// matrix: tls-imported
#include <stdio.h>
extern __thread int state;
int *state_address(void);
int main(void) {
  state++;
  printf("%d %d\n", state, state_address() == &state);
  return 0;
}
