// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A detached thread's thread_local objects are destroyed when it ends, before the process does.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>
#include <semaphore.h>

static sem_t gone;
struct Noisy {
  int value = 1;
  ~Noisy() {
    std::printf("gone %d\n", value);
    sem_post(&gone);
  }
};
static thread_local Noisy noisy;
static void* run(void* unused) {
  noisy.value += 8;
  return unused;
}

int main() {
  pthread_t thread;
  sem_init(&gone, 0, 0);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_detach(thread);
  sem_wait(&gone);
  std::puts("main");
}
