// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int replaced(void) { return 20; }
int wanted(void) { return 30; }
