// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -lc finds the linker script that libc.so is.
// link: -lc
#include <stdio.h>

int main(void) {
  puts("by -lc");
  return 0;
}
