// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: atexit and pthread_atfork, which live in libc_nonshared.a, work, and a forked child runs on.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(void) { puts("bye"); }
static void in_child(void) { puts("in child"); }

int main(void) {
  struct stat info;
  atexit(bye);
  pthread_atfork(0, 0, in_child);
  printf("%d\n", stat("/", &info) == 0 && S_ISDIR(info.st_mode));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) return 5;
  int status;
  waitpid(child, &status, 0);
  printf("%d\n", WEXITSTATUS(status));
  return 0;
}
