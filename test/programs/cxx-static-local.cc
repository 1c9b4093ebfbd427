// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A function's static object is made once, on the first call, and undone at exit.
#include <cstdio>

struct Log {
  explicit Log(int n) : value(n) { std::printf("made %d\n", n); }
  ~Log() { std::printf("gone %d\n", value); }
  int value;
};
static Log& instance(int n) {
  static Log log(n);
  return log;
}

int main() {
  std::puts("main");
  for (int i = 3; i < 6; i++) instance(i).value++;
}
