// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit in another thread destroys that thread's objects and the static ones, not main's thread_local objects.
// status: 6
// matrix: tls-brief
#include <cstdio>
#include <cstdlib>
#include <pthread.h>

struct Noisy {
  const char* name = "main's";
  ~Noisy() { std::printf("gone %s\n", name); }
};
thread_local Noisy local;
static Noisy global{"static"};

static void* run(void*) {
  local.name = "thread's";
  std::exit(6);
}

int main() {
  pthread_t thread;
  std::puts(local.name);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
}
