// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int x(void);
int y(void) { return x() + 1; }
