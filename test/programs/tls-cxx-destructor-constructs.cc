// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local destructor may be the first use of another object, which is then constructed and destroyed too.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

template <int N> struct Link;
template <int N> Link<N>& link() {
  static thread_local Link<N> object;
  return object;
}
template <int N> struct Link {
  int uses = 0;
  Link() { std::printf("made %d\n", N); }
  ~Link() {
    std::printf("gone %d\n", N);
    if constexpr (N > 0) link<N - 1>().uses++;
  }
};

static void* run(void* unused) {
  link<3>().uses++;
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
  run(nullptr);
  std::puts("end");
}
