// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: constinit thread_local objects need no wrapper, and their destructors still run.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

struct Buffer {
  int used = 0;
  char text[8] = "abc";
  constexpr Buffer() = default;
  ~Buffer() { std::printf("gone %d %s\n", used, text); }
};
constinit thread_local Buffer buffer;
constinit thread_local int number = 4;

static void* use(void* unused) {
  buffer.used += number++;
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, use, nullptr);
  pthread_join(thread, nullptr);
  use(nullptr), use(nullptr);
  std::puts("end");
}
