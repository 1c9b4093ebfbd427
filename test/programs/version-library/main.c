// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A reference to name@V is bound to that version of a library, and one to name to its default version.
// generate: kinds.map = map.py
// shared: libkinds.so = kinds.c -Wl,--version-script=kinds.map
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__asm__(".symver old_kind, kind@V1");
__asm__(".symver new_kind, kind@V2");
int kind(void), old_kind(void), new_kind(void);

int main(void) {
  printf("%d %d %d\n", kind(), old_kind(), new_kind());
  return 0;
}
