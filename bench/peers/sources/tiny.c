// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One function of some hundred bytes with a call of the C library. The program that measures makes ten thousand of it,
// by writing other digits into the name.
long labs(long);

long fn_000000(long a, long b) {
  long n = a * 3 + b * 5 + (a ^ b) + ((a & 15) << (b & 7)) + ((b & 31) * (a | 1));
  return labs(n - 100) + (n >> 3) * (a - b);
}
