// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::throw_with_nested and rethrow_if_nested walk a chain of exceptions of several objects' types.
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <cstdio>
#include <exception>
#include <stdexcept>

static void level(int n) {
  if (n == 0) throw std::logic_error("bottom");
  try {
    level(n - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error(n == 1 ? "one" : "two"));
  }
}
static void print(const std::exception& error) {
  std::puts(error.what());
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& inner) {
    print(inner);
  }
}

int main() {
  try {
    level(2);
  } catch (const std::exception& error) {
    print(error);
  }
}
