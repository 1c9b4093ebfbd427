// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((weak)) int late(void) { return 2; }
__attribute__((weak)) int value = 3;
int early_value(void) { return value; }
