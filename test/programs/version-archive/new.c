// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__asm__(".symver shape_2, shape@@@LIB_2");
int shape_2(void) { return 20; }
