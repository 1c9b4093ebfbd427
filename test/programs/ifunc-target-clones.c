// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: target_clones picks a version for the machine by an indirect function.
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <stdio.h>

__attribute__((target_clones("default", "sse4.2", "avx2"))) int sum(const int *v, int n) {
  int s = 0;
  for (int i = 0; i < n; i++) s += v[i];
  return s;
}

int main(void) {
  int values[100];
  for (int i = 0; i < 100; i++) values[i] = i * i;
  printf("%d\n", sum(values, 100));
  return 0;
}
