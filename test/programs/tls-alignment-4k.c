// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A variable aligned to a page lies on a page, in every thread.
// matrix: tls-brief
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

__thread int before = 1;
__thread int page __attribute__((aligned(4096))) = 9;

static void *check(void *unused) {
  printf("%d %d %d\n", (int)((uintptr_t)&page % 4096), page, before);
  page = before = 0;
  return unused;
}

int main(void) {
  pthread_t threads[3];
  check(0);
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], 0, check, 0), pthread_join(threads[i], 0);
  return 0;
}
