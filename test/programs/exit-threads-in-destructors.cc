// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread that runs on while static objects are destroyed still finds its code and its data.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <cstdio>
#include <pthread.h>
#include <semaphore.h>

static sem_t go, done;
static int value = 1;
static void* run(void* unused) {
  sem_wait(&go);
  value += 41;
  sem_post(&done);
  return unused;
}
struct Waiter {
  ~Waiter() {
    sem_post(&go);
    sem_wait(&done);
    std::printf("thread made it %d\n", value);
  }
};
static Waiter waiter;

int main() {
  pthread_t thread;
  sem_init(&go, 0, 0), sem_init(&done, 0, 0);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_detach(thread);
  std::puts("main returns");
}
