// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static __thread int state = 100;
int other(void) { return state++; }
int again(void) {
  static __thread int state = 1000;
  return state++;
}
