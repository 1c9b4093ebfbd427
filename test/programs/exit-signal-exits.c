// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A signal handler that calls exit ends the process in order.
// status: 19
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void end(void) { puts("end"); }
static void handler(int signal) {
  printf("signal %d\n", signal);
  exit(19);
}

int main(void) {
  atexit(end);
  signal(SIGALRM, handler);
  raise(SIGALRM);
  return 1;
}
