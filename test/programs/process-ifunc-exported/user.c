// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int indirect(int);
int use(int n) { return indirect(n) * 2; }
int (*address_of_indirect(void))(int) { return indirect; }
