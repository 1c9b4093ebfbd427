// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The other object of calls.c.
long calls_other(long n) { return n + 1; }
