// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: pthread_exit unwinds a thread's stack through the program's frames and runs their destructors.
#include <cstdio>
#include <pthread.h>

struct Note {
  ~Note() { std::puts("unwound"); }
};
static void leave() { pthread_exit(reinterpret_cast<void*>(77)); }
static void* run(void*) {
  Note note;
  leave();
  return nullptr;
}

int main() {
  pthread_t thread;
  void* result = nullptr;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, &result);
  std::printf("%ld\n", reinterpret_cast<long>(result));
}
