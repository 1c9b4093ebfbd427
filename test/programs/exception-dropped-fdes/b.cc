// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checks.h"
int after(int n) {
  if (n == 3) throw 300;
  return n;
}
int b_checks(int n) { return first_check(n + 10) + second_check(n + 20) + after(n); }
