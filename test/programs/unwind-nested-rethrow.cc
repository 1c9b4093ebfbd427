// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Exceptions thrown and rethrown while others are handled are each caught by their own handler, in order.
#include <cstdio>
#include <exception>

static int handle(int n) {
  try {
    throw n;
  } catch (int& caught) {
    try {
      try {
        if (caught > 0) handle(caught - 1);
        throw;
      } catch (int& again) {
        again += 10;
        throw;
      }
    } catch (int result) {
      std::printf("%d %d %d\n", n, caught, result);
    }
  }
  return n;
}

int main() {
  handle(3);
  std::printf("%d %d\n", std::uncaught_exceptions(), std::current_exception() == nullptr);
}
