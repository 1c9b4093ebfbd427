// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A common symbol gives way to a definition, before or after it in the link line, and keeps its value.
// flags: -fcommon
#include <stdio.h>

int defined_before, defined_after, not_defined;
int sum(void);

int main(void) {
  printf("%d %d %d %d\n", defined_before, defined_after, not_defined, sum());
  return 0;
}
