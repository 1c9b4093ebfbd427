// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int counter;
int pic(int);
int absolute(int n) { return ++counter, pic(n) + 1; }
