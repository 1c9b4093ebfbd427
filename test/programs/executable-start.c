// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __executable_start lies before all code, and __dso_handle exists.
#include <stdio.h>

extern char __executable_start;
extern void *__dso_handle;

int main(void) {
  printf("%d %d\n", (unsigned long)&__executable_start <= (unsigned long)main, &__dso_handle != 0);
  return 0;
}
