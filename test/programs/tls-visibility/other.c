// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "variables.h"
static __thread int own = 100;
void other(int n) {
  own += n;
  exported += own;
  hidden += own;
  protected_one += own;
}
