// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int level __attribute__((weak)) = 2;
int second(void) { return level; }
