// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Mergeable strings and constants keep their alignment, which aligned loads depend on.
// opts: O2
// models: default no-pic
// why: the sections are in the assembler sources
#include <stdio.h>

void load_a(char out[16]), load_b(char out[16]);

int main(void) {
  char text[17] = "";
  load_a(text);
  puts(text);
  load_b(text);
  puts(text);
  return 0;
}
