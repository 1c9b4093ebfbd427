// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GNU ld moves names that are weak with the strong one, others each on their own.
int first = 1, third = 3;
extern int second __attribute__((weak, alias("first")));
