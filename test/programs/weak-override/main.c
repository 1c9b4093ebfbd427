// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A strong definition wins over weak ones, wherever it stands in the link line, for functions and data.
#include <stdio.h>

int early(void), late(void), early_value(void);
extern int value;
__attribute__((weak)) int early(void) { return 1; }

int main(void) {
  printf("%d %d %d\n", early(), late(), value);
  return early_value() != value;
}
