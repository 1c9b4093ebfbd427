// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A shared library may need another, of which the program uses functions too.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// shared: libbase.so = base.c
// shared: libuser.so = user.c -L. -lbase -Wl,-rpath,$ORIGIN
#include <stdio.h>

int base(int), user(int);

int main(void) {
  printf("%d %d\n", user(1), base(2));
  return 0;
}
