// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__asm__(".symver kind_1, kind@");
__asm__(".symver kind_2, kind@@V2");
__asm__(".symver size_1, size@");
__asm__(".symver size_2, size@@V2");
int kind_1(void) { return 1; }
int kind_2(void) { return 2; }
int size_1 = 10, size_2 = 20;
