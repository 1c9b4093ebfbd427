// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: set_terminate's handler is called, and sees the exception.
// status: 3
#include <cstdio>
#include <cstdlib>
#include <exception>

int main() {
  std::set_terminate([] {
    try {
      std::rethrow_exception(std::current_exception());
    } catch (int n) {
      std::printf("terminating with %d\n", n);
    }
    std::fflush(stdout);
    std::_Exit(3);
  });
  throw 8;
}
