// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Fifty threads at once count in a variable each, and disturb nobody's.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread long count;
__thread long step = 1;

static void *run(void *n) {
  step = (long)n;
  for (int i = 0; i < 10000; i++) count += step;
  return (void *)count;
}

int main(void) {
  pthread_t threads[50];
  long sum = 0;
  for (long i = 0; i < 50; i++) pthread_create(&threads[i], 0, run, (void *)i);
  for (int i = 0; i < 50; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("%ld %ld %ld\n", sum, count, step);
  return 0;
}
