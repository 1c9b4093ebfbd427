// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A child of fork that dies of a signal leaves the parent as it was.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(int how) {
  if (how == 0) raise(SIGTERM);
  if (how == 1) raise(SIGKILL);
  *(volatile int *)8 = how;
}

int main(void) {
  for (int how = 0; how < 3; how++) {
    int status;
    if (fork() == 0) die(how);
    wait(&status);
    printf("%d %d\n", WIFSIGNALED(status), WTERMSIG(status));
    fflush(stdout);
  }
  return 0;
}
