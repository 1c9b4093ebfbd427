// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
char huge[3L << 30];
char *huge_end(void) { return huge + sizeof huge - 1; }
