// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Closures, std::function and virtual calls through a library template.
// models: default fPIC no-pic
// why: the standard headers take a while to compile
#include <cstdio>
#include <functional>

static std::function<int(int)> adder(int n) {
  return [n](int x) { return x + n; };
}

int main() {
  auto add = adder(5);
  std::function<int(int)> twice = [add](int x) { return add(add(x)); };
  std::printf("%d %d\n", add(1), twice(1));
  std::function<int(int)> empty;
  try {
    empty(1);
  } catch (const std::bad_function_call& e) {
    std::puts(e.what());
  }
}
