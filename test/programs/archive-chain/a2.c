// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int a2(int n) { return n * 3; }
