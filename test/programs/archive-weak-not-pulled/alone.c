// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int alone(void) { return 1; }
