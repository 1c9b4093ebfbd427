// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: longjmp returns from deep within the C library's callback.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf back;
static int compare(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  if (x == 13 || y == 13) longjmp(back, 13);
  return x - y;
}

int main(void) {
  int values[] = {5, 2, 9, 13, 4};
  volatile int before = 1;
  int caught = setjmp(back);
  if (!caught) {
    before = 2;
    qsort(values, 5, sizeof *values, compare);
    puts("not reached");
  }
  printf("%d %d\n", caught, before);
  return 0;
}
