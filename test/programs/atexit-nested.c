// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A handler registered while handlers run is run next; exit called by a handler goes on with the rest.
// status: 7
#include <stdio.h>
#include <stdlib.h>

static void last(void) { puts("last"); }
static void registered_late(void) { puts("registered late"); }
static void registers(void) {
  puts("registers");
  atexit(registered_late);
}
static void exits(void) {
  puts("exits");
  exit(7);
}

int main(void) {
  atexit(last);
  atexit(exits);
  atexit(registers);
  return 3;
}
