// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A unique datum (STB_GNU_UNIQUE) is one for the program and a shared library that has it as well.
// shared: libcount.so = library.cc
// compilers: gcc
// models: default fPIC no-plt
// why: clang makes no unique symbols; the rest is as with other shared libraries
#include <cstdio>
#include "count.h"

int library_count();

int main() {
  count();
  library_count();
  std::printf("%d\n", count());
}
