// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: At the end of main thread_local objects go first, then atexit handlers and static objects in reverse.
// matrix: tls-brief
#include <cstdio>
#include <cstdlib>

struct Noisy {
  const char* name;
  Noisy(const char* n) : name(n) { std::printf("made %s\n", name); }
  ~Noisy() { std::printf("gone %s\n", name); }
};
Noisy global("static");
thread_local Noisy local("thread_local");

int main() {
  std::printf("using %s\n", local.name);
  std::atexit([] { std::puts("handler"); });
  static thread_local Noisy within("thread_local in main");
  static Noisy last("static in main");
}
