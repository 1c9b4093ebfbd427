// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: long double arithmetic, conversion and library functions.
// link: -lm
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  (void)argv;
  long double x = strtold("0.1", 0) * argc;
  printf("%.21Lg %.21Lg %.21Lg\n", x * 3, sqrtl(x), (long double)(unsigned long)-argc + x);
  return 0;
}
