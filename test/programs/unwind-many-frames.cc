// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception crosses ten thousand frames, each with something to clean up.
#include <cstdio>

static int cleaned;
struct Counter {
  ~Counter() { cleaned++; }
};
[[gnu::noinline]] static int descend(int n) {
  Counter counter;
  if (n == 0) throw 1;
  return descend(n - 1) + 1;
}

int main() {
  try {
    descend(10000);
  } catch (int) {
    std::printf("%d\n", cleaned);
  }
}
