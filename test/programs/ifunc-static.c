// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A static indirect function works, called and taken the address of.
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <stdio.h>

static int twice(int x) { return 2 * x; }
static int (*resolve(void))(int) { return twice; }
static int chosen(int) __attribute__((ifunc("resolve")));

int main(void) {
  int (*volatile f)(int) = chosen;
  printf("%d %d\n", chosen(4), f(5));
  return f != chosen;
}
