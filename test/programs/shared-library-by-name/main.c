// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -L and -l prefer a shared library to an archive of the same name.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// shared: libpick.so = shared.c
// archive: libpick.a = static.c
// inputs: main.o -L. -lpick
#include <stdio.h>

const char *pick(void);

int main(void) {
  puts(pick());
  return 0;
}
