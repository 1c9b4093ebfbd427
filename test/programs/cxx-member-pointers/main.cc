// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Pointers to members, virtual ones included, work when they are made in another object.
#include <cstdio>
#include "machine.h"

extern const Step steps[3];

int main() {
  Fast fast;
  Machine* m = &fast;
  for (Step s : steps) std::printf("%d\n", (m->*s)(10));
}
