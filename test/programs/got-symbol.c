// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _GLOBAL_OFFSET_TABLE_ is one address, taken from code and from data.
// models: default fPIC no-plt
// why: gcc's large code model cannot take the address of its own base; -fno-pic has its own form
#include <stdio.h>

extern char _GLOBAL_OFFSET_TABLE_[];
char *volatile from_data = _GLOBAL_OFFSET_TABLE_;

int main(void) {
  char *from_code;
  __asm__("leaq _GLOBAL_OFFSET_TABLE_(%%rip), %0" : "=r"(from_code));
  printf("%d\n", from_code == from_data);
  return 0;
}
