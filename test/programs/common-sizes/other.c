// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int shared_small_first[64];
int shared_large_first[2];
int neighbour;
void fill(void) {
  for (int i = 0; i < 64; i++) shared_small_first[i] = i + 1;
  shared_large_first[0] = 9;
}
