// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: In a program without initialised data, bss lies between edata and end.
// models: default fPIC no-pic no-plt medium
// why: see end-edata-etext
#include <stdio.h>

extern char etext[], edata[], end[], __bss_start[];
int bss[100];

int main(void) {
  const char *volatile b = etext, *volatile c = edata, *volatile s = __bss_start, *volatile e = end;
  printf("%d %d %d %d\n", b <= c, c <= s, s <= (char *)bss, (char *)(bss + 100) <= e);
  return 0;
}
