// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_cancel unwinds C++ frames through catch (...) blocks that throw on, and join tells of it.
// opts: O0 O2
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <pthread.h>
#include <unistd.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
[[gnu::noinline]] static void wait_for_it() {
  Noisy inner{"inner"};
  for (;;) pause();
}
static void* run(void* unused) {
  Noisy outer{"outer"};
  try {
    wait_for_it();
  } catch (int) {
    std::puts("not an int");
  } catch (...) {
    std::puts("passing by");
    throw;
  }
  return unused;
}

int main() {
  pthread_t thread;
  void* result;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  std::printf("%d\n", result == PTHREAD_CANCELED);
}
