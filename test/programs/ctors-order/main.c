// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: .ctors run from the end to the start, .ctors.NNNNN before it by their inverted priority, together with .init_array.
// opts: O2
// models: default fPIC no-pic
// why: the sections are in the assembler sources
#include <stdio.h>

int main(void) {
  puts("main");
  return 0;
}
