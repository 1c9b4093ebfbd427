// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A library that a program is linked with calls the program in its constructor and sees the program's variables.
// shared: libcaller.so = caller.c
// system-link: -rdynamic
#include <stdio.h>

int seen(void);
int wanted = 40;
static int ready;
static int add_up(int n) { return wanted + n; }
int (*const table[])(int) = {add_up};
int called_by_constructor(int n) { return table[0](n) + ready; }

__attribute__((constructor)) static void start(void) { ready = 1000; }

int main(void) {
  printf("%d %d\n", seen(), called_by_constructor(1));
  return 0;
}
