// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int answer(int n);
int twice(int n) { return 2 * answer(n); }
