// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Initialisers of static objects use thread_local objects, which then live until after main.
// matrix: tls-brief
#include <cstdio>

struct Noisy {
  const char* name;
  Noisy(const char* n) : name(n) { std::printf("made %s\n", name); }
  ~Noisy() { std::printf("gone %s\n", name); }
};
extern thread_local Noisy local;
static int length = [] {
  int n = 0;
  while (local.name[n]) n++;
  return n;
}();
static Noisy global("static");
thread_local Noisy local("thread_local");

int main() { std::printf("main %d\n", length); }
