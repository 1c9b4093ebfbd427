// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A definition of the program comes before the library's of the same name, weak or strong, in the program's eyes.
// shared: libvalue.so = value.c -Wl,-Bsymbolic
#include <stdio.h>

int strong_here(void) { return 1; }
__attribute__((weak)) int weak_here(void) { return 2; }
int only_there(void);

int main(void) {
  printf("%d %d %d\n", strong_here(), weak_here(), only_there());
  return 0;
}
