// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects compiled with -fvisibility=hidden find one another's functions, classes and templates.
// flags: -fvisibility=hidden -fvisibility-inlines-hidden
#include <cstdio>
#include "shape.h"

int main() {
  Shape* s = make_square(4);
  std::printf("%d %d\n", s->area(), largest(3, 9));
  delete s;
}
