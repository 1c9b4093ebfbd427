// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local object is constructed at a thread's first use of it and destroyed at the thread's end.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Noisy {
  int value;
  Noisy(int v) : value(v) { std::printf("made %d\n", value); }
  ~Noisy() { std::printf("gone %d\n", value); }
};
thread_local Noisy noisy(5);

static void* use(void* unused) {
  std::puts("thread");
  noisy.value++;
  return unused;
}

int main() {
  pthread_t thread;
  std::puts("main");
  noisy.value = 50;
  pthread_create(&thread, nullptr, use, nullptr);
  pthread_join(thread, nullptr);
  std::printf("end %d\n", noisy.value);
}
