// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int second(void);
extern int of_second;
int first(void) { return second() * 10 + of_second; }
