// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Shape {
  virtual ~Shape() = default;
  virtual int area() const = 0;
};
Shape* make_square(int side);
template <class T> T largest(T a, T b) { return a < b ? b : a; }
