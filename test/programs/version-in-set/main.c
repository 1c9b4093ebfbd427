// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: In a set, name@@V defines name and name@V, and name@W defines that version only.
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__asm__(".symver old_one, kind@LIB_1");
__asm__(".symver new_one, kind@LIB_2");
int kind(void), old_one(void), new_one(void);

int main(void) {
  printf("%d %d %d %d\n", kind(), old_one(), new_one(), kind == new_one);
  return 0;
}
