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

int main(void) {
  static char *none[] = {0};
  environ = none;
  first = 5;
  third = 7;
  printf("%d %d %d %d %d\n", __environ == none, &environ == &__environ, second, &first == &second,
         *address_of_third);
  return 0;
}
