// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by a shared library's function, in a callback of the program, ends it in order.
// shared: libcalls.so = calls.c
// status: 33
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>
void library_calls(void (*callback)(int), int n);
static void handler(void) { puts("handler"); }
static void leave(int status) {
  if (status > 32) exit(status);
}
int main(void) {
  atexit(handler);
  library_calls(leave, 40);
  return 0;
}
