// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by a thread_local destructor of a thread ends the process with its status.
// status: 8
// matrix: tls-brief
#include <cstdio>
#include <cstdlib>
#include <pthread.h>

struct Ender {
  int status = 7;
  ~Ender() {
    std::puts("exiting");
    std::exit(status);
  }
};
static thread_local Ender ender;
static void* run(void* unused) {
  ender.status++;
  return unused;
}

int main() {
  pthread_t thread;
  std::atexit([] { std::puts("handler"); });
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
  std::puts("not reached");
}
