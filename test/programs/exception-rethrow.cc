// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Rethrown and nested exceptions, and one thrown while another is being handled.
// models: default fPIC no-pic
// why: the standard headers take a while to compile
#include <cstdio>
#include <exception>
#include <stdexcept>

static void inner() {
  try {
    throw std::runtime_error("inner");
  } catch (...) {
    std::throw_with_nested(std::logic_error("outer"));
  }
}

int main() {
  try {
    try {
      inner();
    } catch (const std::exception& e) {
      std::puts(e.what());
      throw;
    }
  } catch (const std::logic_error& e) {
    try {
      std::rethrow_if_nested(e);
    } catch (const std::runtime_error& nested) {
      std::printf("%s %d\n", nested.what(), std::uncaught_exceptions());
    }
  }
}
