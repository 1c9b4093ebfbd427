// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static __thread int value = 100;
static __thread int zero;
int own_value(int by) {
  zero += by;
  return value += zero;
}
