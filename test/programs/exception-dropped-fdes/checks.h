// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Restore {
  int& value;
  ~Restore() { value = 0; }
};
inline int first_check(int n) {
  static int depth;
  Restore restore{depth};
  if (n == 1) throw 100;
  return depth = n;
}
inline int second_check(int n) {
  static int depth;
  Restore restore{depth};
  if (n == 2) throw 200;
  return depth = n;
}
