// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A catch (...) that swallows a cancellation ends the process with the C library's message.
// status: 134
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <pthread.h>
#include <unistd.h>

static void* run(void* unused) {
  try {
    for (;;) pause();
  } catch (...) {
  }
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_cancel(thread);
  pthread_join(thread, nullptr);
}
