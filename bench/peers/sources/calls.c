// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls inside of linked code: calls_entry(4 * count + kind) makes `count` calls of a function in this object (0), in
// another object (1) or in the C library (2). Each waits for what the one before returned.
long labs(long);
long calls_other(long);

long calls_own(long n) { return n + 1; }

long calls_entry(long n) {
  const long count = n >> 2, kind = n & 3;
  long sum = 0;
  for (long i = 0; i < count && kind == 0; ++i) sum = calls_own(sum);
  for (long i = 0; i < count && kind == 1; ++i) sum = calls_other(sum);
  for (long i = 0; i < count && kind == 2; ++i) sum = labs(sum) + 1;
  return sum;
}
