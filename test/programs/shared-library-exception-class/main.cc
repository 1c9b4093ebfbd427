// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception thrown by a shared library is caught in the program by a class that both know.
// shared: libfail.so = fail.cc
#include <cstdio>
#include "failure.h"

void fail(int code);

int main() {
  try {
    fail(6);
  } catch (const Failure& f) {
    std::printf("%d\n", f.code());
  }
}
