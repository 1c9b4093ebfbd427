// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Floating constants in mergeable sections of 4, 8 and 16 bytes (.rodata.cst*) keep their values.
#include <math.h>
#include <stdio.h>

double scale(double), negate(double);
float third(float);

int main(int argc, char **argv) {
  (void)argv;
  double x = argc * 1.5;
  printf("%.17g %.17g %.9g\n", scale(x) + 0.1, negate(x) * 2.25, (double)third((float)x));
  printf("%.17g %.17g\n", fabs(-x) + 1e300, x < 0.1 ? 3.14 : 2.71);
  return 0;
}
