// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((visibility("protected"))) int value = 1;
__attribute__((visibility("protected"))) int read_value(void) { return value; }
