// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int shared[200000];
int small;
void fill(void) {
  shared[0] = 1;
  shared[99999] = 2;
  shared[199999] = 3;
  small = 4;
}
