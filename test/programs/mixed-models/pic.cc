// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int counter;
int medium(int);
int pic(int n) { return ++counter, medium(n) + 10; }
