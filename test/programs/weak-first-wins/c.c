// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((weak)) int pick(void) { return 'c'; }
int from_c(void) { return pick(); }
