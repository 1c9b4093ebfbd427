// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Tentative thread-local definitions with -fcommon are definitions in .tbss, and one definition is all there may be.
// flags: -fcommon
// matrix: tls-brief
#include <stdio.h>
__thread int tentative;
int plain;
int other(void);
int main(void) {
  plain = 1, tentative = 4;
  printf("%d %d\n", other(), tentative);
  return 0;
}
