// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Animal {
  virtual ~Animal() {}
  virtual const char* sound() { return "?"; }
};
struct Cat : Animal { const char* sound() override { return "miau"; } };
struct Dog : Animal { const char* sound() override { return "wuff"; } };
