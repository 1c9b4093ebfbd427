// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An object of 70,000 sections, past the 65,280 that fit into a 16-bit index, is read and linked.
// generate: many.s = many.py
// opts: O2
// models: default
// why: the sections are in the assembler source, and take the system linker a while
#include <stdio.h>

int call_some(void), last(void);
extern const int first_value, last_value;

int main(void) {
  printf("%d %d\n", call_some(), last());
  printf("%d %d\n", first_value, last_value);
  return 0;
}
