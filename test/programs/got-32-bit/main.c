// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An address of 32 bits that is loaded from a slot leads to what it names.
// opts: O2
// models: default fPIC no-pic
// system-link: -no-pie
// why: the loads are in the assembler source; the system linker, too, has to place the program below 4 GiB
#include <stdio.h>

int word = 7;
int twice(int n) { return 2 * n; }
long read_word(void), read_extended(void), call_twice(int), choose(int), is_word(int *);

int main(void) {
  printf("%ld %ld %ld\n", read_word(), read_extended(), call_twice(21));
  printf("%ld %ld %ld %ld\n", choose(0), choose(1), is_word(&word), is_word(&word + 1));
  return 0;
}
