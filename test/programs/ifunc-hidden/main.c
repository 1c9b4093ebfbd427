// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A hidden indirect function that another object defines is called directly and by a tail call.
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <stdio.h>

__attribute__((visibility("hidden"))) int chosen(int);
__attribute__((noinline)) int tail(int x) { return chosen(x + 1); }

int main(void) {
  printf("%d %d\n", chosen(4), tail(5));
  return 0;
}
