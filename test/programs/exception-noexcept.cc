// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception out of a noexcept function calls terminate, which aborts with the library's message.
// models: default fPIC no-pic
// why: the standard headers take a while to compile
// status: 134
#include <cstdio>
#include <stdexcept>

static void fails() { throw std::runtime_error("out of bounds"); }
static void promises() noexcept { fails(); }

int main() {
  std::puts("before");
  std::fflush(stdout);
  try {
    promises();
  } catch (...) {
    std::puts("not reached");
  }
}
