// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local destructor that throws ends the process: it must not.
// status: 134
// stderr: nonempty
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Thrower {
  int value = 1;
  ~Thrower() noexcept(false) { throw value; }
};
static thread_local Thrower thrower;
static void* run(void* unused) {
  thrower.value++;
  return unused;
}

int main() {
  pthread_t thread;
  std::puts("lost unless flushed");
  std::fflush(stdout);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
}
