// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Threads throw and catch at the same time, a thousand times each.
// opts: O0 O2
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <pthread.h>

[[gnu::noinline]] static void thrower(long n) { throw n; }
static void* run(void* number) {
  long sum = 0;
  for (long i = 0; i < 1000; i++) {
    try {
      thrower(reinterpret_cast<long>(number) + i);
    } catch (long n) {
      sum += n;
    }
  }
  return reinterpret_cast<void*>(sum);
}

int main() {
  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], nullptr, run, reinterpret_cast<void*>(i));
  for (pthread_t thread : threads) {
    void* sum;
    pthread_join(thread, &sum);
    std::printf("%ld\n", reinterpret_cast<long>(sum));
  }
}
