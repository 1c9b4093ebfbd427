// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Instances of one template in several objects are merged; those of other arguments are not.
#include <cstdio>
#include "stack.h"

int use_int();
const char* name_of_long();

int main() {
  Stack<int> s;
  s.push(4);
  std::printf("%d %d\n", s.pop(), use_int());
  std::printf("%d %d\n", Stack<int>::made, Stack<long>::made);
  std::printf("%s %d\n", name_of_long(), name_of_long() == Stack<long>::name());
}
