// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A block of one megabyte, more than any surplus a loader keeps, works in every thread.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread char block[1 << 20];
static __thread int number = 7;

static void *use(void *unused) {
  block[0] += 1, block[(1 << 20) - 1] += 2;
  printf("%d %d %d\n", block[0], block[(1 << 20) - 1], number++);
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
