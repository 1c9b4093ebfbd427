// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: At a thread's end thread_local destructors run before those of pthread keys, which see plain variables.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

static thread_local int plain = 2;
struct Noisy {
  int value = 1;
  ~Noisy() { std::printf("object %d\n", plain += value); }
};
static thread_local Noisy noisy;
static pthread_key_t key;
static void* run(void* unused) {
  pthread_setspecific(key, &key);
  noisy.value++;
  return unused;
}

int main() {
  pthread_t thread;
  pthread_key_create(&key, [](void*) { std::printf("key %d\n", ++plain); });
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
}
