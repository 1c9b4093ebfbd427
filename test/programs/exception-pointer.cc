// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception_ptr carries an exception out of one place and into another.
// models: default fPIC no-pic
// why: the standard headers take a while to compile
#include <cstdio>
#include <exception>
#include <stdexcept>

static std::exception_ptr attempt(int n) {
  try {
    if (n == 1) throw std::out_of_range("range");
    if (n == 2) throw 2.5;
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

int main() {
  for (int n = 0; n < 3; n++) {
    std::exception_ptr p = attempt(n);
    try {
      if (p) std::rethrow_exception(p);
      std::puts("none");
    } catch (const std::exception& e) {
      std::puts(e.what());
    } catch (double d) {
      std::printf("%g\n", d);
    }
  }
}
