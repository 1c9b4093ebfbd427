// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_atfork, which the C library keeps outside of its shared object, runs the program's handlers.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void prepare(void) { puts("prepare"), fflush(stdout); }
static void parent(void) { puts("parent"); }
static void child(void) { puts("child"); }

int main(void) {
  pthread_atfork(prepare, parent, child);
  if (fork() == 0) {
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  return 0;
}
