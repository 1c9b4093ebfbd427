// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A child of vfork that runs another program takes nothing of the parent's with it.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int value = 1;

int main(void) {
  int status;
  printf("parent\n");
  fflush(stdout);
  if (vfork() == 0) {
    execl("/bin/sh", "sh", "-c", "echo child; exit 5", (char *)0);
    _exit(127);
  }
  wait(&status);
  printf("%d %d\n", WEXITSTATUS(status), value);
  return 0;
}
