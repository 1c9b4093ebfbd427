// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int level __attribute__((weak)) = 1;
int first(void) { return level; }
