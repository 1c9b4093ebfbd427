// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __start_ and __stop_ enclose a section of all objects of the set, in link order.
#include <stdio.h>

#define ENTRY(v) __attribute__((used, section("entries"))) static const int entry = v
ENTRY(3);
extern const int __start_entries[], __stop_entries[];

int main(void) {
  for (const int *p = __start_entries; p != __stop_entries; p++) printf("%d\n", *p);
  return 0;
}
