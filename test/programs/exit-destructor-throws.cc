// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A static object's destructor that throws ends the process by std::terminate.
// status: 134
// stderr: nonempty
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <cstdio>

struct Thrower {
  ~Thrower() noexcept(false) { throw 1; }
};
static Thrower thrower;

int main() {
  std::puts("main");
  std::fflush(stdout);
}
