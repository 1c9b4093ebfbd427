// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int defined_before;
int defined_after = 6;
int sum(void) { return defined_before + defined_after; }
