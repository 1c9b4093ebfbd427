// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The linker defines etext, edata and end, in this order, past code, data and bss.
#include <stdio.h>

extern char etext, edata, end, _etext, _edata, _end;
int data = 1;
int bss[100];

int main(void) {
  unsigned long text_end = (unsigned long)&etext, data_end = (unsigned long)&edata, all = (unsigned long)&end;
  printf("%d %d\n", text_end < data_end, data_end <= all);
  printf("%d %d\n", (unsigned long)main < text_end, (unsigned long)&data < data_end);
  printf("%d %d\n", (unsigned long)(bss + 100) <= all, data_end <= (unsigned long)bss);
  printf("%d\n", &etext == &_etext && &edata == &_edata && &end == &_end);
  return 0;
}
