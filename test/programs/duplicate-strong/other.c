// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int clash(void) { return 2; }
