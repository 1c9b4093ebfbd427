// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: dlsym of a library's thread-local variable gives the calling thread's address of it.
// shared: libstate.so = state.c
// matrix: tls-imported
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
extern __thread int state;
static void *look(void *unused) {
  int *found = dlsym(RTLD_DEFAULT, "state");
  ++*found;
  printf("%d %d\n", found == &state, state);
  return unused;
}
int main(void) {
  pthread_t thread;
  look(0);
  pthread_create(&thread, 0, look, 0);
  pthread_join(thread, 0);
  return 0;
}
