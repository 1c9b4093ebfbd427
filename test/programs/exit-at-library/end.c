// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
#include <stdlib.h>
static void handler(void) { puts("library's"); }
void library_registers(void) { atexit(handler); }
__attribute__((destructor)) static void end(void) { puts("library ends"); }
