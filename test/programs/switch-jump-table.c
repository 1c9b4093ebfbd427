// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A dense switch goes through a jump table in the read-only data.
// flags: -fjump-tables
#include <stdio.h>

static volatile int trace;
#define CASE(n, e) case n: trace += n; return e;
__attribute__((noinline)) static int choose(int n, int x) {
  switch (n) {
    CASE(0, x + 1) CASE(1, x * 3) CASE(2, x - 7) CASE(3, x ^ 21) CASE(4, x | 64) CASE(5, x & 12) CASE(6, -x)
    CASE(7, x << 3) CASE(8, x >> 1) CASE(9, x % 5) CASE(10, x / 3) CASE(11, ~x) CASE(12, 40 - x)
    default: return -1;
  }
}

int main(void) {
  for (int n = -1; n < 15; n++) printf("%d ", choose(n, 100 + n));
  printf("%d\n", trace);
  return 0;
}
