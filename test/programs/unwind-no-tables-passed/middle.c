// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int middle(int (*call)(int), int n) { return call(n) + 1; }
