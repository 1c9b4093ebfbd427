// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A static object's destructor that throws ends the process by std::terminate.
// status: 134
// stderr: nonempty
#include <cstdio>

struct Thrower {
  ~Thrower() noexcept(false) { throw 1; }
};
static Thrower thrower;

int main() {
  std::puts("main");
  std::fflush(stdout);
}
