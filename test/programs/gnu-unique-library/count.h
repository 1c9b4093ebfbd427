// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
inline int count() {
  static int n = 100;
  return ++n;
}
