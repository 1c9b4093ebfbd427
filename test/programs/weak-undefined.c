// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An undefined weak function or datum is null, tested in code and stored in a table.
#include <stdio.h>

__attribute__((weak)) int absent_function(int);
__attribute__((weak)) extern int absent_value;
static int (*const table[])(int) = {absent_function};
static int *values[] = {&absent_value};

int main(void) {
  printf("%d %d\n", absent_function ? absent_function(1) : -1, &absent_value ? absent_value : -2);
  printf("%d %d\n", table[0] == 0, values[0] == 0);
  return 0;
}
