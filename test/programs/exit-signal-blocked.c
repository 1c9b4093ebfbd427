// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A pending signal ends the process where it is let through, and handlers of exit do not run.
// status: 143
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("handler"); }

int main(void) {
  sigset_t set;
  atexit(handler);
  sigemptyset(&set), sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, 0);
  raise(SIGTERM);
  puts("still here");
  fflush(stdout);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  return 0;
}
