// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Static initialisers hold the addresses of the C library's data, the same in every object.
#include <stdio.h>
#include <unistd.h>

extern char **environ;
static FILE **const streams[] = {&stdin, &stdout, &stderr};
char ***volatile here = &environ;
extern char ***there;

int main(void) {
  fprintf(*streams[1], "%d\n", here == there);
  fprintf(*streams[1], "%d %d\n", *streams[2] == stderr, *streams[0] == stdin);
  return 0;
}
