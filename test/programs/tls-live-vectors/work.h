// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Eight doubles are kept across the access: between the two statements the values are in registers, at -O2.
double narrow(double x), wide(double x);
#ifdef NAME
#ifndef WIDE
#define WIDE
#endif
extern __thread double factor;
WIDE double NAME(double x) {
  double a = x + 1, b = x + 2, c = x + 3, d = x + 4, e = x + 5, f = x + 6, g = x + 7, h = x + 8;
  __asm__ volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f), "+x"(g), "+x"(h));
  double by = factor;
  __asm__ volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f), "+x"(g), "+x"(h));
  return by * (a + b + c + d + e + f + g + h + 60);
}
#endif
