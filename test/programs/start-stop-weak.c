// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Weak __start_ and __stop_ of a section that nobody has are null.
#include <stdio.h>

__attribute__((weak)) extern const int __start_nothing[], __stop_nothing[];

int main(void) {
  printf("%d %d\n", (void *)__start_nothing == 0, (void *)__stop_nothing == 0);
  return 0;
}
