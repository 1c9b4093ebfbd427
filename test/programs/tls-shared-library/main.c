// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local variables of a shared library on the line are the library's, for both, in every thread.
// shared: libstate.so = state.c
// matrix: tls-imported
#include <pthread.h>
#include <stdio.h>

extern __thread int state;
extern __thread char label[8];
__thread int own = 1;
int state_next(void);

static void *use(void *unused) {
  state += 10;
  printf("%d %s %d\n", state_next(), label, own++);
  label[0] = 'X';
  printf("%d %s %d\n", state, label, own);
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
