// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int state = 5;
__thread char label[8] = "label";
int state_next(void) { return ++state; }
