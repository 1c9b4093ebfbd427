// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int named(void) { return 8; }
