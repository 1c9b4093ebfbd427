// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Variables in sections of their own (.tdata.x, .tbss.y) are one block, whatever sections are dropped.
// flags: -ffunction-sections -fdata-sections -fno-common
// tool: --gc-sections
// matrix: tls-brief
#include <stdio.h>

__thread int used = 1;
__thread int unused = 2;
static __thread int zero;
__thread char unused_zeros[100000];
__thread short last = 3;
int never_called(void) { return unused + unused_zeros[7]; }

int main(void) {
  zero += used + last;
  printf("%d %d %d\n", used, zero, last);
  return 0;
}
