// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int level = 5;
int other_level(void) { return level; }
