// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_exit in a function that main called unwinds the frames up to main's.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <cstdio>
#include <pthread.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
[[gnu::noinline]] static void leave() {
  Noisy inner{"inner"};
  pthread_exit(nullptr);
}

int main() {
  Noisy outer{"outer"};
  leave();
}
