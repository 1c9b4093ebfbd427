// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An archive that has name@@V serves references to name and to name@V; one that has name@V serves that version.
// archive: libkinds.a = plain.c new.c old.c
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__asm__(".symver old_kind, kind@LIB_1");
__asm__(".symver new_shape, shape@LIB_2");
int kind(void), old_kind(void), new_shape(void);

int main(void) {
  printf("%d %d %d\n", kind(), old_kind(), new_shape());
  return 0;
}
