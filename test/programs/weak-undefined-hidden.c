// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An undefined weak symbol with hidden visibility is null, too.
#include <stdio.h>

__attribute__((weak, visibility("hidden"))) int absent_function(int);
__attribute__((weak, visibility("hidden"))) extern int absent_value;

int main(void) {
  printf("%d %d\n", absent_function ? absent_function(1) : -1, &absent_value ? absent_value : -2);
  return 0;
}
