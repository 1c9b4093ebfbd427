// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An inline function that three objects emit is one function: one address, one static datum.
#include <cstdio>
#include "common.h"

Function address_in_a(), address_in_b();

int main() {
  std::printf("%d\n", address_in_a() == address_in_b() && address_in_a() == &step);
  address_in_a()(1);
  address_in_b()(2);
  std::printf("%d\n", step(3));
}
