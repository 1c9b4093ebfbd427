// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A static table of label addresses drives an interpreter by computed goto.
#include <stdio.h>

static int run(const unsigned char *code) {
  static const void *const labels[] = {&&push, &&add, &&multiply, &&stop};
  int stack[8], *top = stack;
#define NEXT goto *labels[*code++]
  NEXT;
push:
  *top++ = *code++;
  NEXT;
add:
  top--, top[-1] += *top;
  NEXT;
multiply:
  top--, top[-1] *= *top;
  NEXT;
stop:
  return top[-1];
}

int main(void) {
  printf("%d\n", run((const unsigned char[]){0, 5, 0, 6, 1, 0, 7, 2, 3}));
  return 0;
}
