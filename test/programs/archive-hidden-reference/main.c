// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A hidden reference is served by an archive, past a library that has the name.
// shared: libfront.so = front.c
// archive: libback.a = back.c
// inputs: main.o libfront.so libback.a
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
#include <stdio.h>

__attribute__((visibility("hidden"))) int hidden(void);
int shown(void);

int main(void) {
  printf("%d %d\n", hidden(), shown());
  return 0;
}
