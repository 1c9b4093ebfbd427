// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: quick_exit in another thread runs at_quick_exit's handlers there, and nothing of exit's.
// status: 14
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_t main_thread;
static void ordinary(void) { puts("ordinary"); }
static void quick(void) {
  printf("quick %d\n", pthread_equal(pthread_self(), main_thread));
  fflush(stdout);
}
static void *run(void *unused) {
  quick_exit(14);
  return unused;
}

int main(void) {
  pthread_t thread;
  main_thread = pthread_self();
  atexit(ordinary);
  at_quick_exit(quick);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return 1;
}
