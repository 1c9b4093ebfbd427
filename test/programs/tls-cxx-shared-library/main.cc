// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local object of a shared library is constructed by its wrapper and destroyed with the thread.
// shared: libnoisy.so = noisy.cc
// matrix: tls-imported
#include <cstdio>
#include <pthread.h>
#include "noisy.h"

static thread_local Noisy own(1);
static void* use(void* unused) {
  std::printf("%d %d\n", ++own.value, ++of_library.value);
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, use, nullptr);
  pthread_join(thread, nullptr);
  use(nullptr);
}
