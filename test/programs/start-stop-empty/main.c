// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __start_ and __stop_ of a section without contents are there, and the same.
// opts: O2
// models: default fPIC
// why: the sections are in the assembler source
// inputs: main.o a.o
#include <stdio.h>

extern long __start_parts[], __stop_parts[];

int main(void) {
  long sum = 0;
  for (long *at = __start_parts; at != __stop_parts; ++at) sum += *at;
  printf("%d %ld\n", (int)(__stop_parts - __start_parts), sum);
  return 0;
}
