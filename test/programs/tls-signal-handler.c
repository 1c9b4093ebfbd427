// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A signal handler uses the variables of the thread that it interrupts.
// matrix: tls-brief
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static __thread volatile sig_atomic_t caught;
static void handler(int signal) { caught += signal == SIGUSR1; }
static void *run(void *unused) {
  caught = 10;
  raise(SIGUSR1);
  printf("thread %d\n", (int)caught);
  return unused;
}

int main(void) {
  pthread_t thread;
  signal(SIGUSR1, handler);
  caught = 1;
  raise(SIGUSR1);
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  printf("main %d\n", (int)caught);
  return 0;
}
