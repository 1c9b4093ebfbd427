// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Integers in every register survive an access through a descriptor, up to the flags and rax.
// flags: -mtls-dialect=gnu2 -fPIC
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

__thread long factor = 2;
__attribute__((noinline)) static long work(long a, long b, long c, long d, long e, long f) {
  long g = a ^ 1, h = b ^ 2, i = c ^ 3, j = d ^ 4;
  __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h), "+r"(i), "+r"(j));
  long by = factor;
  __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h), "+r"(i), "+r"(j));
  return by * (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j);
}
static void *use(void *unused) {
  printf("%ld\n", work(10, 20, 30, 40, 50, 60));
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
