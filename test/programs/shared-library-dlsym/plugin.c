// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int base(int n);
int plugin(int n) { return base(n) * 2; }
