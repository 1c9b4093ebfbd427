// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A variable has one address within a thread and another in each thread that lives beside it.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int here;
__thread int there = 1;
__attribute__((noinline)) static int *address(void) { return &here; }
static void *compare(void *mine) { return (void *)(long)(address() != mine && address() == &here && &there != &here); }

int main(void) {
  pthread_t thread;
  void *differs;
  int *mine = address();
  pthread_create(&thread, 0, compare, mine);
  pthread_join(thread, &differs);
  printf("%d %d\n", (int)(long)differs, mine == address());
  return 0;
}
