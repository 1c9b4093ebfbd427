// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread that uses no thread_local object constructs none; the first use constructs all of the object file's.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Noisy {
  const char* name;
  Noisy(const char* n) : name(n) { std::printf("made %s\n", name); }
  ~Noisy() { std::printf("gone %s\n", name); }
};
thread_local Noisy first("first");
static thread_local Noisy second("second");

static void* nothing(void* unused) { return unused; }
static void* one(void* unused) {
  std::printf("using %s\n", second.name);
  return unused;
}

int main() {
  void* (*const runs[])(void*) = {nothing, one};
  pthread_t thread;
  for (auto* run : runs) {
    pthread_create(&thread, nullptr, run, nullptr);
    pthread_join(thread, nullptr);
    std::puts("joined");
  }
}
