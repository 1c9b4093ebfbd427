// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_GOTOFF64 is the distance from the GOT to a symbol of the set.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>

int words[3] = {5, 6, 7};
int twice(int x) { return 2 * x; }
int *data(void), *local(void);
int (*function(void))(int);

int main(void) {
  printf("%d %d %d\n", *data(), *local(), function()(30));
  return data() != &words[1];
}
