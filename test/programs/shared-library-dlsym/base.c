// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int base(int n) { return n + 100; }
