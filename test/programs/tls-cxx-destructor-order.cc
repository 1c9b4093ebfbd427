// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: thread_local objects of a thread are destroyed in the reverse order of their construction.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Noisy {
  int number;
  ~Noisy() { std::printf("gone %d\n", number); }
};
template <int N> Noisy& get() {
  static thread_local Noisy noisy{N};
  return noisy;
}

static void* forward(void* unused) {
  get<1>(), get<2>(), get<3>();
  return unused;
}
static void* backward(void* unused) {
  get<3>(), get<2>(), get<1>();
  return unused;
}

int main() {
  void* (*const runs[])(void*) = {forward, backward};
  pthread_t thread;
  for (auto* run : runs) {
    pthread_create(&thread, nullptr, run, nullptr);
    pthread_join(thread, nullptr);
    std::puts("joined");
  }
}
