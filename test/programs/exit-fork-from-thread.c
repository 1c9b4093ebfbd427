// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The child of a fork in a thread has that thread alone, and ends when its start function returns to exit.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }
static void *run(void *unused) {
  int status;
  if (fork() == 0) exit(6);
  wait(&status);
  printf("%d\n", WEXITSTATUS(status));
  return unused;
}

int main(void) {
  pthread_t thread;
  atexit(handler);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return 0;
}
