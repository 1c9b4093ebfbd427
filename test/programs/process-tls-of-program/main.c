// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library uses a thread-local variable that the program defines.
// shared: libneeds.so = needs.c
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
__thread int program_state = 5;
int *state_address(void);
static void *use(void *unused) {
  ++*state_address();
  printf("%d %d\n", program_state, state_address() == &program_state);
  return unused;
}
int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
