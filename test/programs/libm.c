// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -lm gives libm's functions, indirect ones of the library among them, also by address.
// link: -lm
#include <math.h>
#include <stdio.h>

static double (*const functions[])(double) = {sin, cos, exp, log, tgamma, floor, cbrt};

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 7; i++) printf("%.12g ", functions[i](argc * 1.25));
  printf("%.12g %.12g\n", pow(argc + 1, 0.5), fma(argc, 2, 3));
  return 0;
}
