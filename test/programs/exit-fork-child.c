// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A child of fork that exits runs handlers and writes its buffers; one that leaves by _exit does neither.
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *who = "parent";
static void handler(void) { printf("handler of %s\n", who); }
static int child(int quick) {
  int status;
  fflush(stdout);
  if (fork() == 0) {
    who = "child";
    printf("child writes\n");
    if (quick) _exit(3);
    exit(4);
  }
  wait(&status);
  return WEXITSTATUS(status);
}

int main(void) {
  atexit(handler);
  printf("%d\n", child(0));
  printf("%d\n", child(1));
  return 0;
}
