// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A reference and a pointer to a thread_local object stay valid in the threads that receive them.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Box {
  int value;
  explicit Box(int v) noexcept : value(v) {}
};
static thread_local Box box(3);
static void* add(void* of_main) {
  box.value = 1000;
  static_cast<Box*>(of_main)->value += 20;
  return nullptr;
}

int main() {
  pthread_t thread;
  Box& mine = box;
  pthread_create(&thread, nullptr, add, &mine);
  pthread_join(thread, nullptr);
  std::printf("%d %d\n", box.value, &mine == &box);
}
