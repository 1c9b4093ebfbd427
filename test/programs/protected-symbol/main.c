// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Protected functions and data are defined once and reached from other objects.
#include <stdio.h>

extern int value;
int read_value(void);

int main(void) {
  value = 12;
  printf("%d %d\n", read_value(), value);
  return 0;
}
