// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local commons (STT_TLS in SHN_COMMON) of several objects are one block of the largest size and alignment.
// compilers: gcc
// opts: O2
// models: default fPIC no-pic
// why: only the GNU assembler has .tls_common
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

// The compiler must not know the address: it would take the alignment that it asked for as given.
static int past(void *address, int alignment) {
  __asm__("" : "+r"(address));
  return (int)((uintptr_t)address % (uintptr_t)alignment);
}

extern __thread int shared[64];
int *small(void);
static void *use(void *unused) {
  ++*small();
  shared[63] += 2;
  printf("%d %d %d %d\n", small() == shared, shared[0], shared[63], past(shared, 32));
  return unused;
}
int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
