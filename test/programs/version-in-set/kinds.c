// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__asm__(".symver kind_1, kind@LIB_1");
__asm__(".symver kind_2, kind@@LIB_2");
int kind_1(void) { return 1; }
int kind_2(void) { return 2; }
