// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Unwind entries of dropped COMDAT functions do no harm: functions past them still unwind.
// flags: -ffunction-sections
// flags-of: b.cc = -O0
#include <cstdio>
#include "checks.h"

int b_checks(int n);

int main() {
  for (int n = 0; n < 4; n++) {
    try {
      std::printf("%d\n", first_check(n) + b_checks(n) + second_check(n));
    } catch (int e) {
      std::printf("caught %d\n", e);
    }
  }
}
