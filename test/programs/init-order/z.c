// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>

#define RUNS(kind, name) __attribute__((kind)) static void name(void) { puts(#name); }
RUNS(constructor(65000), z_65000)
RUNS(constructor(300), z_300)
RUNS(constructor, z_plain)
RUNS(destructor(300), z_end_300)
RUNS(destructor, z_end_plain)
