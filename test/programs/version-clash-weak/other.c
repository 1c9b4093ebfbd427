// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__asm__(".symver kind_2, kind@@@LIB_2");
__asm__(".symver shape_1, shape@LIB_1");
int kind_2(void) { return 2; }
int shape_1(void) { return 20; }
