// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception that leaves a thread's start function ends the process by std::terminate.
// status: 134
// stderr: nonempty
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <pthread.h>

struct Noisy {
  ~Noisy() { std::puts("not unwound, or not seen"); }
};
static void* run(void*) {
  Noisy noisy;
  throw 4;
}

int main() {
  pthread_t thread;
  std::puts("main");
  std::fflush(stdout);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
}
