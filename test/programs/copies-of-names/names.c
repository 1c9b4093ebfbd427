// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int first = 1, third = 3;
extern int second __attribute__((alias("first")));
