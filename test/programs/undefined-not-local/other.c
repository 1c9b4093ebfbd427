// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int helper(void) { return 1; }
int use(void) { return helper(); }
