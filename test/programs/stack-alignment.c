// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The stack is aligned to 16 bytes in main, initialisers, finalisers and exit handlers.
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static void check(const char *where) {
  volatile _Alignas(16) double pair[2] = {1, 2};
  printf("%s %lu\n", where, ((unsigned long)__builtin_frame_address(0) + (unsigned long)(pair[1] - 2)) % 16);
}
__attribute__((constructor)) static void begin(void) { check("constructor"); }
__attribute__((destructor)) static void end(void) { check("destructor"); }
static void handler(void) { check("handler"); }

int main(void) {
  atexit(handler);
  check("main");
  return 0;
}
