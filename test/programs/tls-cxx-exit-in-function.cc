// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called deep inside destroys the calling thread's thread_local objects, not those of automatic duration.
// status: 4
// matrix: tls-brief
#include <cstdio>
#include <cstdlib>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
thread_local Noisy local{"thread_local"};

int main() {
  Noisy automatic{"automatic"};
  std::printf("%s %s\n", local.name, automatic.name);
  std::exit(4);
}
