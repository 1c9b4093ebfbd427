// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Complex arithmetic uses libgcc's helpers and libm's functions.
// link: -lm
#include <complex.h>
#include <stdio.h>

int main(int argc, char **argv) {
  (void)argv;
  double complex z = 1.5 * argc + 2.5 * I, w = z * z / (z + 1);
  printf("%.12g %.12g\n", creal(w), cimag(w));
  w = cexp(z) + csqrt(-z);
  printf("%.12g %.12g %.12g\n", creal(w), cimag(w), cabs(w));
  return 0;
}
