// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: --whole-archive links members that nobody refers to, so that they can register themselves.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: libplugins.a = red.c green.c
// inputs: main.o --whole-archive libplugins.a --no-whole-archive
#include <stdio.h>

const char *registered[8];
int registered_count;

int main(void) {
  for (int i = 0; i < registered_count; i++) puts(registered[i]);
  return 0;
}
