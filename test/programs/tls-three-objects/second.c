// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int first, third;
__thread char before[13] = {1};
__thread int second = 2;
int sum(void) { return first + second + third; }
