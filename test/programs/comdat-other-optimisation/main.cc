// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: When the kept and the dropped copy of a group were optimised differently, all callers use the kept one.
// flags-of: a.cc = -O0
// flags-of: b.cc = -O3 -fno-inline
#include <cstdio>

int through_a(int), through_b(int);

int main() {
  try {
    std::printf("%d %d\n", through_a(5), through_b(6));
    through_b(-1);
  } catch (int e) {
    std::printf("caught %d\n", e);
  }
}
