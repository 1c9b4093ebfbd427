// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library on the link line gives functions and data, and runs its own initialisers first.
// shared: libshape.so = shape.c
// models: default fPIC no-plt medium large
// why: see shared-library-copied for -fno-pic
#include <stdio.h>

extern int shape_count, shape_sides[4];
int shape_add(int sides);
int *const pointer = &shape_sides[2];

int main(void) {
  shape_add(3);
  shape_count += 10;
  printf("%d %d %d\n", shape_add(4), shape_count, shape_sides[1]);
  *pointer = 9;
  printf("%d\n", shape_sides[2]);
  return 0;
}
