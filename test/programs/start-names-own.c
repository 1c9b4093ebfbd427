// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program's own data_start, a weak symbol of crt1.o, is the program's.
// models: default fPIC no-plt
// why: the fact is the symbol's
#include <stdio.h>

int data_start = 7;

int main(void) {
  printf("%d\n", data_start);
  return 0;
}
