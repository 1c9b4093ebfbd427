// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An archive member with thread-local storage that nothing needs adds none.
// archive: libhuge.a = huge.c
// opts: O2
// models: default fPIC
// why: the fact is the archive's
#include <stdio.h>
int main(void) {
  puts("none");
  return 0;
}
