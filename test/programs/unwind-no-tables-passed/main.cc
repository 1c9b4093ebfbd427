// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Frames without unwind information are no matter to exceptions thrown and caught beyond them.
// flags-of: middle.c = -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-exceptions
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
extern "C" int middle(int (*call)(int), int n);
static int safe(int n) {
  try {
    if (n > 2) throw n;
  } catch (int caught) {
    return caught * 10;
  }
  return n;
}
int main() { std::printf("%d %d\n", middle(safe, 2), middle(safe, 3)); }
