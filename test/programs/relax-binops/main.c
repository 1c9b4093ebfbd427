// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: add, or, adc, sbb, and, sub, xor, cmp with a slot compute with the address, flags included.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

int word = 7;
// Each computes `left op slot`; adc and sbb with the carry set; cmp gives 1 where left == slot.
#define OPS(X) X(add) X(or) X(adc) X(sbb) X(and) X(sub) X(xor) X(cmp)
#define DECLARE(op) long own_##op(long), own_high_##op(long), library_##op(long);
OPS(DECLARE)

static long expected(int op, long l, long a) {
  long results[] = {l + a, l | a, l + a + 1, l - a - 1, l & a, l - a, l ^ a, l == a};
  return results[op];
}

int main(void) {
#define POINTERS(op) {own_##op, own_high_##op, library_##op},
  long (*const f[8][3])(long) = {OPS(POINTERS)};
  long own = (long)&word, library = -library_sub(0);
  const long lefts[] = {0, 1, -1, own, library, 0x123456789abcdef0};
  for (int op = 0; op < 8; op++)
    for (int i = 0; i < 6; i++)
      for (int k = 0; k < 3; k++)
        if (f[op][k](lefts[i]) != expected(op, lefts[i], k < 2 ? own : library)) return printf("%d %d %d\n", op, i, k), 1;
  puts("all equal");
  return ((int (*)(const char *))library)("12") != 12;
}
