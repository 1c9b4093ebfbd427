// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int answer_00000000(int n) { return 7 * n; }
