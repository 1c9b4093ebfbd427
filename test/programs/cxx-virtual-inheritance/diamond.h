// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Base {
  Base();
  virtual ~Base();
  virtual int id() const = 0;
  int common = 1;
};
struct Left : virtual Base { int value = 2; int id() const override { return 20; } };
struct Right : virtual Base { int value = 3; Right(); ~Right() override; };
