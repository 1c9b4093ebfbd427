// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int real(void) { return 15; }
