// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Under -mcmodel=medium, data and constants above the threshold are addressed by 64 bits, smaller ones by 32.
// models: medium large
// why: only these models have large data
// flags-gcc: -mlarge-data-threshold=1000
// flags-clang: -mlarge-data-threshold=1000
#include <stdio.h>

int large[1000] = {1, [999] = 2};
const int large_constant[1000] = {3, [999] = 4};
static int large_bss[1000];
int small[4] = {5, 6, 7, 8};
int *const pointers[] = {&large[999], &small[1], &large_bss[999]};

int main(void) {
  large_bss[999] = 9;
  printf("%d %d %d\n", large[999], large_constant[999], small[3]);
  for (int i = 0; i < 3; i++) printf("%d\n", *pointers[i]);
  return 0;
}
