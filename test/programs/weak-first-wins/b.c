// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((weak)) int pick(void) { return 'b'; }
int from_b(void) { return pick(); }
