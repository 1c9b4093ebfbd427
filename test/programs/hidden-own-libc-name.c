// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A hidden function named like one of the C library is the program's own, and the library keeps its own.
#include <stdio.h>
#include <stdlib.h>

__attribute__((visibility("hidden"))) int atoi(const char *text) { return text[0] == '4' ? 1000 : 2000; }

int main(void) {
  printf("%d %ld\n", atoi("42"), strtol("42", 0, 10));
  return 0;
}
