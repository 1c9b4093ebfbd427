// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Virtual inheritance: construction order, offsets through VTTs, and casts across the diamond.
#include <cstdio>
#include "diamond.h"

Base* make();

int main() {
  Base* base = make();
  Left* left = dynamic_cast<Left*>(base);
  Right* right = dynamic_cast<Right*>(left);
  std::printf("%d %d %d %d\n", base->id(), left->value, right->value, static_cast<Base*>(right) == base);
  delete base;
}
