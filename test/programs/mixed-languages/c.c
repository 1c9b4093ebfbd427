// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int from_assembler(int);
int from_c(int n) { return 10 * from_assembler(n); }
