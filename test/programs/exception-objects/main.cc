// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception of a class that two objects know is thrown in one and caught in the other, by base and by type.
#include <cstdio>
#include "failure.h"

void fail(int how);

int main() {
  for (int how = 0; how < 3; how++) {
    try {
      fail(how);
    } catch (const Special& s) {
      std::printf("special %d\n", s.code());
    } catch (const Failure& f) {
      std::printf("failure %d\n", f.code());
    }
  }
}
