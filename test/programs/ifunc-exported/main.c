// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A global indirect function is called, and its address is one and the same in every object.
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <stdio.h>

int chosen(int);
int (*address_elsewhere(void))(int);
int (*volatile in_table[])(int) = {chosen};

int main(void) {
  printf("%d %d\n", chosen(4), in_table[0](5));
  printf("%d %d\n", address_elsewhere() == chosen, in_table[0] == chosen);
  return 0;
}
