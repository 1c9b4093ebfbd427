// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int b(int);
int a1(int n) { return b(n + 10); }
