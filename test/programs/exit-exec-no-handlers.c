// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exec of another program runs no handlers and loses what is buffered.
// status: 3
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }
__attribute__((destructor)) static void end(void) { puts("end"); }

int main(void) {
  atexit(handler);
  printf("lost");
  execl("/bin/sh", "sh", "-c", "echo another; exit 3", (char *)0);
  return 1;
}
