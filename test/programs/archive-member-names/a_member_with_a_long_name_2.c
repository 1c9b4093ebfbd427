// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int second(void) { return 2; }
