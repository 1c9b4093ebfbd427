// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: quick_exit runs at_quick_exit's handlers in reverse and no others.
// status: 12
#include <stdio.h>
#include <stdlib.h>

static void ordinary(void) { puts("ordinary"); }
static void quick_one(void) { puts("quick one"), fflush(stdout); }
static void quick_two(void) { puts("quick two"); }

int main(void) {
  atexit(ordinary);
  at_quick_exit(quick_one);
  at_quick_exit(quick_two);
  quick_exit(12);
}
