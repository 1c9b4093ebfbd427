// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A detached thread has its own variables, and main can go on reading what it published of them.
// matrix: tls-brief
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

static __thread int value = 8;
static sem_t published, done;
static int *of_thread;
static void *run(void *unused) {
  value += 4;
  of_thread = &value;
  sem_post(&published);
  sem_wait(&done);
  return unused;
}

int main(void) {
  pthread_t thread;
  sem_init(&published, 0, 0), sem_init(&done, 0, 0);
  pthread_create(&thread, 0, run, 0);
  pthread_detach(thread);
  sem_wait(&published);
  *of_thread += 100;
  printf("%d %d %d\n", *of_thread, value, of_thread != &value);
  sem_post(&done);
  return 0;
}
