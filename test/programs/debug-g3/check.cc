// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sum.h"
void check(int value) {
  if (value < 0) throw Failure{sum<int>(value, -6)};
}
