// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: .preinit_array, .init_array by rising priority and then link order, and the reverse for .fini_array.
#include <stdio.h>

#define RUNS(kind, name) __attribute__((kind)) static void name(void) { puts(#name); }
RUNS(constructor, main_plain)
RUNS(constructor(300), main_300)
RUNS(constructor(101), main_101)
RUNS(destructor, main_end_plain)
RUNS(destructor(300), main_end_300)
RUNS(destructor(101), main_end_101)

static void before_all(int argc, char **argv, char **envp) { printf("preinit %d %d\n", argc, argv && envp); }
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(int, char **, char **) = before_all;

int main(void) {
  puts("main");
  return 0;
}
