// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A handler of SIGABRT that returns does not save the process; one that jumps away does.
// status: 134
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigjmp_buf back;
static void jump(int signal) { siglongjmp(back, signal); }
static void hold(int signal) {
  printf("caught %d\n", signal);
  fflush(stdout);
}

int main(void) {
  signal(SIGABRT, jump);
  int caught = sigsetjmp(back, 1);
  if (caught == 0) abort();
  printf("back after %d\n", caught);
  signal(SIGABRT, hold);
  abort();
}
