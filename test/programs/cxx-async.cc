// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::async, and the future that hands over its value or its exception (libstdc++ uses thread-local storage here).
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <cstdio>
#include <future>

int main() {
  auto value = std::async(std::launch::async, [] { return 6 * 7; });
  auto failure = std::async(std::launch::async, []() -> int { throw 13; });
  std::printf("%d\n", value.get());
  try {
    failure.get();
  } catch (int n) {
    std::printf("caught %d\n", n);
  }
}
