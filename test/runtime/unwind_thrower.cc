// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern "C" int fail(int n) {
  if (n > 0) throw n;
  return n;
}

extern "C" int own(int n) {
  try {
    return fail(n);
  } catch (int thrown) {
    return thrown + 1;
  }
}
