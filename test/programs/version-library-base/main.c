// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Where a library has a name without a version for old programs, and a default version, a new program gets that.
// generate: kinds.map = map.py
// shared: libkinds.so = kinds.c -fuse-ld=bfd -Wl,--version-script=kinds.map
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

int kind(void);
extern int size;

int main(void) {
  printf("%d %d\n", kind(), size);
  return 0;
}
