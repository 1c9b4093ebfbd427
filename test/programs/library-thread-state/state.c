// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>

static int count, follows;
static char **words;
static unsigned vector;

__attribute__((constructor)) static void start(int argc, char **argv, char **envp) {
  count = argc;
  words = argv;
  follows = argv + argc + 1 == envp;
  __asm__ volatile("stmxcsr %0" : "=m"(vector));
}

void show(void) {
  printf("%d %d %x\n", count, follows, vector);
  for (int i = 1; i < count; i++) puts(words[i]);
}
