// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "stack.h"
int use_int() {
  Stack<int> s;
  s.push(40);
  return s.pop();
}
const char* name_of_long() {
  Stack<long> s;
  s.push(1);
  return s.name();
}
