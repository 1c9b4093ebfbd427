// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Two thousand variables, each with its own address and value, are told apart.
// generate: many.c = many.py
// matrix: tls-brief
#include <stdio.h>
long sum(void);
void bump(void);
int main(void) {
  printf("%ld\n", sum());
  bump();
  printf("%ld\n", sum());
  return 0;
}
