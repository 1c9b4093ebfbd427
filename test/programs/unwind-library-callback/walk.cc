// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
struct Guard {
  ~Guard() { std::puts("library cleans up"); }
};
void walk(void (*visit)(int)) {
  Guard guard;
  try {
    for (int n = 1; n < 6; n++) visit(n);
  } catch (long) {
    std::puts("not a long");
  }
}
