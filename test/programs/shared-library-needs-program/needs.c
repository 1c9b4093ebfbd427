// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int provided_by_program(int);
int needs(int n) { return provided_by_program(n) + 1; }
