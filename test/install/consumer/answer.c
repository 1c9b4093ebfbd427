// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int answer(int n) { return 7 * n; }
