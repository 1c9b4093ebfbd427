// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int counter;
int large(int n) {
  ++counter;
  if (n == 2) throw n * 11;
  return n * 1000;
}
