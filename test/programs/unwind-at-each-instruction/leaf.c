// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int of_leaf = 3;
int leaf(int n) { return n + of_leaf; }
