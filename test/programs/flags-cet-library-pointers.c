// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -fcf-protection=full: library functions are called through pointers, and so are exit handlers, with their stubs.
// flags: -fcf-protection=full
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int (*volatile parse)(const char *) = atoi;
static int (*volatile at_end)(void (*)(void)) = atexit;
static size_t (*const length)(const char *) = strlen;

static void bye(void) { puts("bye"); }
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(void) {
  int numbers[] = {3, 1, 2};
  qsort(numbers, 3, sizeof *numbers, by_value);
  printf("%d %d %d\n", numbers[0], numbers[1], numbers[2]);
  printf("%d %zu\n", parse("42"), length("four"));
  return at_end(bye) + atexit(bye);
}
