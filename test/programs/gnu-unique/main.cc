// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The static datum of an inline function or a template (STB_GNU_UNIQUE with gcc) is one for all objects.
#include <cstdio>
#include "counter.h"

int other_count();
int* other_address();

int main() {
  count();
  other_count();
  std::printf("%d %d\n", other_count(), count());
  std::printf("%d %d\n", Holder<int>::value, &Holder<int>::value == other_address());
}
