// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Machine {
  virtual ~Machine() = default;
  virtual int speed(int n) { return n; }
  int twice(int n) { return 2 * n + state; }
  int state = 1;
};
struct Fast : Machine { int speed(int n) override { return n * 100; } };
using Step = int (Machine::*)(int);
