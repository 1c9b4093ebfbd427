// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Hundreds of atexit handlers, more than the C standard's 32, run in reverse.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>

static int count = 500;
static void down(void) {
  if (--count % 100 == 0) printf("%d\n", count);
}

int main(void) {
  int refused = 0;
  for (int i = 0; i < 500; i++) refused += atexit(down) != 0;
  printf("%d refused\n", refused);
  return 0;
}
