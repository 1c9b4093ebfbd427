// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: In a program with neither data nor bss, edata and end lie behind its code all the same.
// models: default fPIC no-pic no-plt medium
// why: see end-edata-etext
#include <stdio.h>

extern char __executable_start[], etext[], edata[], end[], __bss_start[], __data_start[];

int main(void) {
  const char *volatile a = __executable_start, *volatile b = etext, *volatile c = edata, *volatile e = end;
  printf("%d %d %d %d %d\n", a < b, (char *)main < b, b <= c, c <= e, a < e);
  printf("%d %d\n", b <= (const char *)__data_start, (const char *)__data_start <= c);
  printf("%d\n", (const char *)__bss_start <= e);
  return 0;
}
