// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int state = 100;
int state_of_library(void) { return ++state; }
