// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A destructor that throws while an exception is on its way ends the process by std::terminate.
// status: 134
// stderr: nonempty
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>

struct Careless {
  ~Careless() noexcept(false) { throw 2; }
};

int main() {
  std::puts("main");
  std::fflush(stdout);
  try {
    Careless careless;
    throw 1;
  } catch (...) {
    std::puts("not reached");
  }
}
