// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static, function-local, hidden, protected and exported variables are found by their own object and another.
// matrix: tls
#include <stdio.h>
#include "variables.h"

static __thread int own = 1;
__thread int exported = 2;
__thread int hidden = 3;
__thread int protected_one = 4;

static int next(void) {
  static __thread int local = 5;
  return local++;
}

int main(void) {
  other(10);
  next();
  printf("%d %d %d %d %d\n", own++, exported, hidden, protected_one, next());
  return 0;
}
