// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A cancelled thread unwinds its frames, then destroys its thread_local objects.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>
#include <unistd.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
static thread_local Noisy local{"thread_local"};
static void* run(void* unused) {
  Noisy automatic{"automatic"};
  local.name = "thread_local of the thread";
  for (;;) pause();
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_cancel(thread);
  pthread_join(thread, nullptr);
}
