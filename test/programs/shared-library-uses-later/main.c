// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library uses functions of one that is named behind it, without saying that it needs it.
// shared: libfirst.so = first.c
// shared: libsecond.so = second.c
// inputs: main.o libfirst.so libsecond.so
#include <stdio.h>

int first(void), second(void);

int main(void) {
  printf("%d %d\n", first(), second());
  return 0;
}
