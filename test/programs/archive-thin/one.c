// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int two(void);
int one(void) { return two() + 1; }
