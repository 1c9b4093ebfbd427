// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int two(void) { return 2; }
