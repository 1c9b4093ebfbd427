// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int first, second;
__thread int third = 3;
__thread long after[5];
void bump(int by) {
  first += by;
  second += 2 * by;
  third += 3 * by;
  after[4] = by;
}
