// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int hidden(void) { return 1; }
int shown(void) { return 10; }
