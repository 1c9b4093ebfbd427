// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Of several weak definitions of a thread-local variable the first on the line is used.
// inputs: first.o main.o second.o
// matrix: tls-brief
#include <stdio.h>
extern __thread int level;
int first(void), second(void);
int main(void) {
  level += 10;
  printf("%d %d %d\n", level, first(), second());
  return 0;
}
