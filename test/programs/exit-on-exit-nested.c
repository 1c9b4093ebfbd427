// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: on_exit and atexit handlers registered by handlers run next, with the status of the exit.
// status: 2
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>

static void inner(int status, void *text) { printf("%s %d\n", (char *)text, status); }
static void plain(void) {
  puts("plain");
  on_exit(inner, "registered late");
}
static void outer(int status, void *text) {
  inner(status, text);
  atexit(plain);
}

int main(void) {
  atexit(plain);
  on_exit(outer, "outer");
  exit(2);
}
