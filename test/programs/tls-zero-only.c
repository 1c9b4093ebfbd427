// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local storage without an image, .tbss alone, is zero in every thread.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int counter;
__thread long sums[8];

static void *use(void *unused) {
  printf("%d %ld\n", counter++, sums[7]);
  sums[7] = 5;
  printf("%d %ld\n", counter++, sums[7]);
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  use(0);
  return 0;
}
