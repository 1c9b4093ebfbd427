// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library's constant datum can be read directly, from wherever the program lies.
// shared: libshape.so = shape.c
#include <stdio.h>

extern const int shape_sides[4];
extern const char *const shape_name;

int main(void) {
  printf("%d %s\n", shape_sides[1], shape_name);
  return 0;
}
