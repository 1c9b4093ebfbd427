// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static thread-local variables of a program and of its library have nothing in common.
// shared: libown.so = own.c
// matrix: tls-brief
#include <stdio.h>
static __thread int value = 1;
static __thread int zero;
int own_value(int by);
int main(void) {
  value += 10, zero += 5;
  printf("%d %d\n", own_value(1), value);
  printf("%d %d\n", own_value(1), zero);
  return 0;
}
