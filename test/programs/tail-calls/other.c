// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
int elsewhere(int);
int countdown(int n) { return elsewhere(n - 1); }
int print(const char *text) { return puts(text); }
