// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A function to throw through, and one to call. The program that measures writes other digits into the names.
extern "C" int fail_000000(int n) {
  if (n > 0) throw n;
  return n;
}
