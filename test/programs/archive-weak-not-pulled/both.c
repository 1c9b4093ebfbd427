// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int wanted(void) { return 2; }
int companion(void) { return 3; }
