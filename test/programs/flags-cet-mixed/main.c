// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects compiled with and without control-flow protection call each other directly and through pointers.
// flags-of: marked.c = -fcf-protection=full
// flags-of: branches.c = -fcf-protection=branch
// flags-of: unmarked.c = -fcf-protection=none
#include <stdio.h>

int marked(int (*)(int), int), branches(int (*)(int), int), unmarked(int (*)(int), int);
int add_marked(int), add_unmarked(int);

int main(void) {
  int (*const adds[])(int) = {add_marked, add_unmarked};
  for (int i = 0; i < 2; i++) {
    printf("%d %d %d\n", marked(adds[i], i), branches(adds[i], i), unmarked(adds[i], i));
  }
  return 0;
}
