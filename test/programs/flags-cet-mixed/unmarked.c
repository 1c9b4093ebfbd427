// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int add_unmarked(int n) { return n + 20; }
int unmarked(int (*f)(int), int n) { return f(n) * 5; }
