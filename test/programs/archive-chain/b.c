// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int a2(int);
int b(int n) { return a2(n + 100); }
