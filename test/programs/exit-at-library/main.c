// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Handlers that a shared library registered run in one order with the program's; its destructors come last.
// shared: libend.so = end.c
#include <stdio.h>
#include <stdlib.h>
void library_registers(void);
static void first(void) { puts("program's first"); }
static void second(void) { puts("program's second"); }
__attribute__((destructor)) static void end(void) { puts("program ends"); }
int main(void) {
  atexit(first);
  library_registers();
  atexit(second);
  return 0;
}
