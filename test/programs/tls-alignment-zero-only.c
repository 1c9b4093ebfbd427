// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A block without an image keeps the alignment of its .tbss, 256 bytes.
// matrix: tls-brief
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

static __thread int small;
static __thread int aligned __attribute__((aligned(256)));

static void *check(void *unused) {
  small++, aligned += 2;
  printf("%d %d %d\n", past(&aligned, 256), small, aligned);
  return unused;
}

int main(void) {
  pthread_t thread;
  check(0);
  pthread_create(&thread, 0, check, 0);
  pthread_join(thread, 0);
  return 0;
}
