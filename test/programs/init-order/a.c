// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>

#define RUNS(kind, name) __attribute__((kind)) static void name(void) { puts(#name); }
RUNS(constructor(65000), a_65000)
RUNS(constructor(300), a_300)
RUNS(constructor, a_plain)
RUNS(destructor(300), a_end_300)
RUNS(destructor, a_end_plain)
