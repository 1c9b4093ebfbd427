// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread that started before the first access to a variable by anyone finds its initial value.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int value = 11;
static pthread_barrier_t barrier;

static void *late(void *unused) {
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  printf("thread %d\n", ++value);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&barrier, 0, 2);
  pthread_create(&thread, 0, late, 0);
  pthread_barrier_wait(&barrier);
  value = 50;
  pthread_barrier_wait(&barrier);
  pthread_join(thread, 0);
  printf("main %d\n", value);
  return 0;
}
