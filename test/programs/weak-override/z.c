// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int early(void) { return 10; }
int late(void) { return 20; }
int value = 30;
