// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
inline int count() {
  static int n = 100;
  return ++n;
}
template <class T> struct Holder { static T value; };
template <class T> T Holder<T>::value = 7;
