// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread char c1;
__thread int c16 __attribute__((aligned(16))) = 16;
