// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
int shape_count, shape_sides[4];
int shape_add(int sides) {
  shape_sides[shape_count % 4] = sides;
  return ++shape_count;
}
__attribute__((constructor)) static void begin(void) { puts("library begins"); }
__attribute__((destructor)) static void end(void) { puts("library ends"); }
