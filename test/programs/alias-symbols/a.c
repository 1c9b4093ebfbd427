// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int fallback(void) { return 1; }
int overridden(void) __attribute__((weak, alias("fallback")));
