// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An object with a section for each function and datum works.
// flags: -ffunction-sections -fdata-sections
#include <stdio.h>

#define TEN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define DATUM(n) int datum_##n = n; static int zero_##n; const int constant_##n = 10 * n;
#define FUNCTION(n) \
  __attribute__((noinline)) int function_##n(int x) { return x + datum_##n + constant_##n + zero_##n++; }
TEN(DATUM)
TEN(FUNCTION)

int main(void) {
  int sum = 0;
#define CALL(n) sum += function_##n(n);
  TEN(CALL)
  TEN(CALL)
  printf("%d\n", sum);
  return 0;
}
