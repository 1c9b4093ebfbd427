// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An inline thread_local variable of several object files, in COMDAT groups, is one for each thread.
// matrix: tls-brief
#include <cstdio>
#include "counter.h"
int* other_number();
Counter* other_counter();
int main() {
  counter.value += 5;
  number += 2;
  std::printf("%d %d\n", other_counter() == &counter, other_number() == &number);
  std::printf("%d %d\n", counter.value, number);
}
