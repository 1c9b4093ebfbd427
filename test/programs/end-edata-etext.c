// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The linker defines etext, edata and end, in this order, past code, data and bss.
// models: default fPIC no-pic no-plt medium
// why: clang -mcmodel=large puts all data into large sections, which ld lays out past `edata`
#include <stdio.h>

extern char etext, edata, end, _etext, _edata, _end;
int data = 1;
int bss[100];

int main(void) {
  unsigned long text_end = (unsigned long)&etext, data_end = (unsigned long)&edata, all = (unsigned long)&end;
  printf("%d %d\n", text_end < data_end, data_end <= all);
  printf("%d %d\n", (unsigned long)main < text_end, (unsigned long)&data < data_end);
  printf("%d %d\n", (unsigned long)(bss + 100) <= all, data_end <= (unsigned long)bss);
  printf("%d\n", text_end == (unsigned long)&_etext && data_end == (unsigned long)&_edata && all == (unsigned long)&_end);
  return 0;
}
