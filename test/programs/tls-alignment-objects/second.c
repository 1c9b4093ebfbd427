// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread char b1 = 2;
__thread int b128 __attribute__((aligned(128))) = 128;
