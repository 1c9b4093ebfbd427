// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int first(void) { return 1; }
