// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Variable arguments of every class pass through va_list, ours and vsnprintf's.
#include <stdarg.h>
#include <stdio.h>

static double sum(const char *kinds, ...) {
  double total = 0;
  va_list list;
  va_start(list, kinds);
  for (; *kinds; kinds++)
    switch (*kinds) {
      case 'i': total += va_arg(list, int); break;
      case 'd': total += va_arg(list, double); break;
      case 'l': total += (double)va_arg(list, long double); break;
      case 's': total += va_arg(list, const char *)[0]; break;
    }
  va_end(list);
  return total;
}
static int print(char *out, unsigned long size, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int n = vsnprintf(out, size, format, list);
  va_end(list);
  return n;
}

int main(void) {
  char text[100];
  printf("%g\n", sum("iiiiiiddddddddddls", 1, 2, 3, 4, 5, 6, 1., 2., 3., 4., 5., 6., 7., 8., 9., .5, 0.25L, "A"));
  printf("%d %s\n", print(text, sizeof text, "%d %s %.2f %Lg", 1, "two", 3.0, 4.5L), text);
  return 0;
}
