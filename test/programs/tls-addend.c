// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Fields and elements are reached by symbol plus addend, positive and beyond the variable's end and start.
// matrix: tls
#include <stdio.h>

struct Record { char tag; int numbers[6]; struct { short low, high; } pair; };
__thread struct Record record = {'t', {1, 2, 3, 4, 5, 6}, {7, 8}};
static __thread int table[4] = {10, 20, 30, 40};

__attribute__((noinline)) static int from_one(int i) { return (table - 1)[i]; }

int main(void) {
  record.numbers[5] += 100;
  record.pair.high = -1;
  printf("%c %d %d %d %d\n", record.tag, record.numbers[0], record.numbers[5], record.pair.low, record.pair.high);
  printf("%d %d\n", from_one(1), from_one(4));
  return 0;
}
