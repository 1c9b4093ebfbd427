// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static objects of several objects are destroyed in reverse order of construction, local ones too.
#include <cstdio>
#include "noisy.h"
static Noisy here("main.o");
Noisy& lazy() {
  static Noisy object("lazy");
  return object;
}
int main() {
  Noisy::say("main");
  other_lazy();
  lazy();
}
