// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread's wild load ends the whole process with SIGSEGV.
// status: 139
// opts: O0
// models: default no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <stdio.h>

static void *run(void *unused) {
  return *(void *volatile *)((char *)unused + 16);
}

int main(void) {
  pthread_t thread;
  puts("flushed");
  fflush(stdout);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return 0;
}
