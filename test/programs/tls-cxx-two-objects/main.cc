// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local object that another object file defines is constructed through its wrapper, _ZTW, and _ZTH.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>
#include "noisy.h"

static void* use(void* unused) {
  std::puts("before");
  std::printf("%d %d\n", ++defined_elsewhere.value, plain_elsewhere);
  return unused;
}

int main() {
  pthread_t thread;
  use(nullptr);
  pthread_create(&thread, nullptr, use, nullptr);
  pthread_join(thread, nullptr);
}
