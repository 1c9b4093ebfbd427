// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int chosen(int);
int (*address_elsewhere(void))(int) { return chosen; }
