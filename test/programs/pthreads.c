// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Threads run the program's code, share its data under a mutex, and their results are joined.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long sum;
static void *add(void *n) {
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&mutex);
    sum += (long)n;
    pthread_mutex_unlock(&mutex);
  }
  return (char *)n + 1;
}

int main(void) {
  pthread_t threads[4];
  void *result = 0;
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, add, (void *)(i + 1));
  for (int i = 0; i < 4; i++) pthread_join(threads[i], &result);
  printf("%ld %ld\n", sum, (long)result);
  return 0;
}
