// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The child of fork has the values of the thread that forked, and what it changes is its own.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread int value = 1;
static void *run(void *unused) {
  int status;
  value = 40;
  pid_t child = fork();
  if (child == 0) _exit(value += 2);
  waitpid(child, &status, 0);
  printf("%d %d\n", WEXITSTATUS(status), value);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  printf("%d\n", value);
  return 0;
}
