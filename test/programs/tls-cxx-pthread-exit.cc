// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_exit in a thread unwinds its frames and destroys its thread_local objects.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
static thread_local Noisy local{"thread_local"};
static void inner() {
  Noisy automatic{"automatic"};
  local.name = "thread_local of the thread";
  pthread_exit(nullptr);
}
static void* run(void* unused) {
  inner();
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
}
