// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Destructors at a thread's end and at exit still read plain variables of their thread.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

static thread_local int plain = 1;
struct Reader {
  int* where;
  ~Reader() { std::printf("%d %d\n", plain, where == &plain); }
};
static thread_local Reader reader{&plain};

static void* run(void* value) {
  plain = static_cast<int>(reinterpret_cast<long>(value));
  return reader.where;
}

int main() {
  pthread_t thread;
  run(reinterpret_cast<void*>(7));
  pthread_create(&thread, nullptr, run, reinterpret_cast<void*>(8));
  pthread_join(thread, nullptr);
}
