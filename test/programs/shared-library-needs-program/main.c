// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library that needs a function of the program is bound to it, or refused with the function's name.
// shared: libneeds.so = needs.c
// may-refuse: provided_by_program
// opts: O2
// models: default fPIC
// why: the binding does not depend on the code
#include <stdio.h>

int provided_by_program(int n) { return n * 3; }
int needs(int);

int main(void) {
  printf("%d\n", needs(4));
  return 0;
}
