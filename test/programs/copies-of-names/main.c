// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A copy of a library's object stands for all of its names.
// shared: libnames.so = names.c
// tool: --copy-data
// opts: O2
// models: no-pic
// why: only code with 32-bit addresses has copies
#include <stdio.h>

extern char **environ, **__environ;
extern int first, second, third;
int *const address_of_third = &third;

// Compilers take objects of different names for different objects.
static void *hidden(void *p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}

int main(void) {
  static char *none[] = {0};
  *(char ***)hidden(&environ) = none;
  *(int *)hidden(&first) = 5;
  *(int *)hidden(&third) = 7;
  printf("%d %d\n", *(char ***)hidden(&__environ) == none, hidden(&environ) == hidden(&__environ));
  printf("%d %d %d\n", *(int *)hidden(&second), hidden(&first) == hidden(&second), *(int *)hidden(address_of_third));
  return 0;
}
