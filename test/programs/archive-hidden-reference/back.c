// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int hidden(void) { return 2; }
