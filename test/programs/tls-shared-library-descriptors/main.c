// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library built with -mtls-dialect=gnu2 shares its variables with the program.
// shared: libstate.so = state.c
// flags-of: state.c = -mtls-dialect=gnu2
// matrix: tls-imported
#include <stdio.h>
extern __thread int state;
int *state_address(void), state_private(void);
int main(void) {
  state++;
  state_private();
  printf("%d %d %d\n", state, state_address() == &state, state_private());
  return 0;
}
