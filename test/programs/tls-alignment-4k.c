// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A variable aligned to a page lies on a page, in every thread.
// matrix: tls-brief
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

__thread int before = 1;
__thread int page __attribute__((aligned(4096))) = 9;

static void *check(void *unused) {
  printf("%d %d %d\n", past(&page, 4096), page, before);
  page = before = 0;
  return unused;
}

int main(void) {
  pthread_t threads[3];
  check(0);
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], 0, check, 0), pthread_join(threads[i], 0);
  return 0;
}
