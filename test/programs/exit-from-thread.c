// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by another thread ends the program with its status and runs the handlers.
// status: 21
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("handler"); }
static void *run(void *unused) {
  (void)unused;
  exit(21);
}

int main(void) {
  pthread_t thread;
  atexit(handler);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return 1;
}
