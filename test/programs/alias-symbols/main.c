// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Aliases, strong and weak, are the same address as what they name.
#include <stdio.h>

int original(void) { return 3; }
int strong_alias(void) __attribute__((alias("original")));
int weak_alias(void) __attribute__((weak, alias("original")));
int data = 8;
extern int data_alias __attribute__((alias("data")));
int overridden(void);

int main(void) {
  data_alias = 9;
  printf("%d %d %d %d\n", strong_alias(), weak_alias(), overridden(), data);
  return (void *)strong_alias != (void *)original;
}
