// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Under -mcmodel=medium, 3 GiB of bss lies apart, and small data and code stay in reach.
// models: medium large
// why: no other model can address so much
// opts: O2
#include <stdio.h>

extern char huge[];
char *huge_end(void);
int small = 5;
int small_bss;

int main(void) {
  huge[0] = 1;
  *huge_end() = 2;
  printf("%d %d %d %ld\n", huge[3L << 29], small, small_bss, (long)(huge_end() - huge));
  return huge[0] != 1;
}
