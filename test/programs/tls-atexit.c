// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Handlers of atexit see the values of the thread that exits.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static __thread int value = 1;
static void handler(void) { printf("handler %d\n", value); }
static void *run(void *unused) {
  value = 30;
  exit(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  value = 20;
  atexit(handler);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return 1;
}
