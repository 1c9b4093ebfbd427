// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
using Function = int (*)(int);
inline int step(int n) {
  static int sum = 0;
  return sum += n;
}
