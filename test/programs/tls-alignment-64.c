// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A variable's alignment of 64 bytes is kept in the first thread and in others.
// matrix: tls-brief
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

__thread char before = 1;
__thread int line __attribute__((aligned(64))) = 9;
__thread char after = 2;

static void *check(void *unused) {
  printf("%d %d %d %d\n", past(&line, 64), line, before, after);
  return unused;
}

int main(void) {
  pthread_t thread;
  check(0);
  for (int i = 0; i < 3; i++) {
    pthread_create(&thread, 0, check, 0);
    pthread_join(thread, 0);
  }
  return 0;
}
