// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread that a constructor starts lives beside main, each with its own variables.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int value = 1;
static pthread_t thread;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *run(void *unused) {
  value += 10;
  pthread_mutex_lock(&mutex);
  printf("thread %d\n", value);
  return unused;
}
__attribute__((constructor)) static void start(void) {
  pthread_mutex_lock(&mutex);
  pthread_create(&thread, 0, run, 0);
  value += 5;
}

int main(void) {
  printf("main %d\n", value);
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, 0);
  return 0;
}
