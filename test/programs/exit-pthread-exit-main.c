// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_exit in main lets the other threads go on; the process ends with status 0 after the last of them.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_t main_thread;
static void handler(void) { puts("handler"); }
static void *run(void *unused) {
  pthread_join(main_thread, 0);
  puts("thread goes on");
  return unused;
}

int main(void) {
  pthread_t thread;
  main_thread = pthread_self();
  atexit(handler);
  pthread_create(&thread, 0, run, 0);
  puts("main leaves");
  pthread_exit(0);
}
