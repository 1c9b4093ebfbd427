// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
int answer(int n) { return n + 1; }
__attribute__((constructor)) static void begin(void) { puts("plugin begins"); }
__attribute__((destructor)) static void end(void) { puts("plugin ends"); }
