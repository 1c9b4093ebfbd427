// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern "C" int fail(int n) {
  if (n > 0) throw n;
  return n;
}
