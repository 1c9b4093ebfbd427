// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _Exit leaves buffers unwritten and static objects alone.
// status: 15
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <cstdio>
#include <cstdlib>

struct Noisy {
  ~Noisy() { std::puts("gone"); }
};
static Noisy noisy;

int main() {
  std::atexit([] { std::puts("handler"); });
  std::printf("written\n");
  std::fflush(stdout);
  std::printf("lost\n");
  std::_Exit(15);
}
