// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Values in vector registers survive accesses through descriptors, whose function keeps every register but one.
// flags: -mtls-dialect=gnu2 -fPIC
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
#include "work.h"

__thread double factor = 2;
static void *use(void *unused) {
  double sums[3] = {0, narrow(3), __builtin_cpu_supports("avx2") ? wide(3) : 240};
  printf("%g %g\n", sums[1], sums[2]);
  return unused;
}
int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
