// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: 32-bit instructions on a slot (no REX.W) see the low half of the address.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source; the low half of an address may well be zero
#include <stdio.h>

int word = 7;
unsigned load_low(void), load_high_register(void), add_low(unsigned), cmp_low(unsigned), test_low(unsigned);
unsigned load_library(void), add_library(unsigned);

int main(void) {
  unsigned a = (unsigned)(unsigned long)&word;
  printf("%d %d %d\n", load_low() == a, load_high_register() == a, add_low(5) == a + 5);
  printf("%d %d %d %d\n", cmp_low(a), cmp_low(a + 1), test_low(~a), test_low(a) == (a != 0));
  printf("%d\n", add_library(9) == load_library() + 9);
  return 0;
}
