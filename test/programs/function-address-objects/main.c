// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A function, the set's or the library's, has one address in all objects, in code and in tables.
#include <stdio.h>
#include <stdlib.h>

typedef int Function(const char *);
int own(const char *text) { return atoi(text); }
Function *other_own(void), *other_library(void);
extern Function *const other_table[2];
static Function *const table[2] = {own, atoi};

int main(void) {
  Function *volatile f = own, *volatile g = atoi;
  printf("%d %d %d\n", f == other_own(), f == other_table[0], f == table[0]);
  printf("%d %d %d\n", g == other_library(), g == other_table[1], g == table[1]);
  printf("%d\n", f("3") + g("4"));
  return 0;
}
