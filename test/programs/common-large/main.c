// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A large common (SHN_X86_64_LCOMMON under -mcmodel=medium) is one object of the largest size.
// flags: -fcommon
// models: medium large
// why: other models have no large commons
// opts: O2
#include <stdio.h>

int shared[100000];
int small;
void fill(void);

int main(void) {
  fill();
  printf("%d %d %d\n", shared[0], shared[99999], small);
  return 0;
}
