// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects with DWARF 5 run as those without.
// flags: -gdwarf-5 -g
// models: default fPIC no-pic large
// why: debug sections differ little between code models
#include <cstdio>
#include "sum.h"

namespace { int local = 3; }

int main() {
  try {
    std::printf("%d\n", sum<int>(local, 4));
    check(-1);
  } catch (const Failure& f) {
    std::printf("%d\n", f.code);
  }
}
