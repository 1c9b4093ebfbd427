// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int counter;
int large(int);
int medium(int n) { return ++counter, large(n) + 100; }
