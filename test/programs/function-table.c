// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Constant tables of function pointers (.data.rel.ro) are filled in before code reads them.
#include <ctype.h>
#include <stdio.h>

static int twice(int x) { return 2 * x; }
struct Entry {
  const char *name;
  int (*function)(int);
};
static const struct Entry entries[] = {{"twice", twice}, {"toupper", toupper}, {"isdigit", isdigit}, {0, 0}};

int main(void) {
  for (const struct Entry *e = entries; e->name; e++) printf("%s %d\n", e->name, e->function('a') != 0);
  printf("%d\n", entries[0].function(21));
  return 0;
}
