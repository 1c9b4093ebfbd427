// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thousand threads one after another each find fresh initial values, though stacks are used again.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int value = 3;
static __thread int zero;
static int wrong;

static void *run(void *unused) {
  wrong += value != 3 || zero != 0;
  value = zero = 99;
  return unused;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < 1000; i++) pthread_create(&thread, 0, run, 0), pthread_join(thread, 0);
  printf("%d %d %d\n", wrong, value, zero);
  return 0;
}
