// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: 256 MiB of bss is zero where it is looked at, and the code around it still reaches everything.
// opts: O2
// why: the size does not change with optimisation
#include <stdio.h>

static char big[256 << 20];
int after = 3;
int later_bss;

int main(void) {
  long sum = 0;
  for (long i = 0; i < (long)sizeof big; i += 16 << 20) sum += big[i];
  big[0] = big[sizeof big - 1] = 1;
  printf("%ld %d %d %d\n", sum, after, later_bss, big[sizeof big - 1]);
  return 0;
}
