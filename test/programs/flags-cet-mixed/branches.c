// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int branches(int (*f)(int), int n) { return f(n) * 3; }
