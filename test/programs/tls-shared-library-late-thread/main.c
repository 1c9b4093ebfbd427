// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A library's variables begin with its image in a thread that only the library's function touches.
// shared: libstate.so = state.c
// matrix: tls-imported
#include <pthread.h>
#include <stdio.h>
extern __thread long state;
long bump(void);
static void *only_library(void *unused) { return (void *)(bump() + (long)unused); }
static void *only_program(void *unused) { return (void *)(state + (long)unused); }
int main(void) {
  pthread_t threads[2];
  void *first, *second;
  state = 50;
  pthread_create(&threads[0], 0, only_library, 0);
  pthread_create(&threads[1], 0, only_program, 0);
  pthread_join(threads[0], &first);
  pthread_join(threads[1], &second);
  printf("%ld %ld %ld\n", (long)first, (long)second, bump());
  return 0;
}
