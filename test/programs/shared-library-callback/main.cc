// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library calls back into the program, and an exception passes through it.
// shared: libeach.so = each.cc
#include <cstdio>

void each(int count, void (*function)(int));

int main() {
  each(2, [](int n) { std::printf("%d\n", n); });
  try {
    each(9, [](int n) { if (n == 4) throw n; });
  } catch (int n) {
    std::printf("thrown at %d\n", n);
  }
}
