// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects without .eh_frame are linked beside objects with it.
// flags: -fno-asynchronous-unwind-tables -fno-unwind-tables
#include <stdio.h>

int main(void) {
  puts("no tables");
  return 0;
}
