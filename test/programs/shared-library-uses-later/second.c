// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int of_second = 3;
int second(void) { return 7; }
