// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: main returns while detached threads run the program's code: they end with the process, wherever they are.
// status: 11
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static volatile unsigned long turns[3];
static sem_t started;
static void *loop(void *slot) {
  volatile unsigned long *turn = slot;
  sem_post(&started);
  for (;;)
    if (++*turn % 4096 == 0) usleep(1);
  return 0;
}

int main(void) {
  pthread_t thread;
  sem_init(&started, 0, 0);
  for (int i = 0; i < 3; i++) {
    pthread_create(&thread, 0, loop, (void *)&turns[i]);
    pthread_detach(thread);
    sem_wait(&started);
  }
  puts("main returns");
  return 11;
}
