// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A weak reference to something that the C library defines is bound to it.
#include <stdio.h>
#include <unistd.h>

__attribute__((weak)) int atoi(const char *);
__attribute__((weak)) extern char **environ;

int main(void) {
  if (!atoi || !&environ) return 1;
  printf("%d %d\n", atoi("65"), environ != 0);
  return 0;
}
