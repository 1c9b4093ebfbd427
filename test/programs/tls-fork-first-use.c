// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A child of fork may be the first to touch a variable, and may start threads of its own.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread int value = 9;
static void *next(void *unused) { return (void *)(long)(value++ + (int)(long)unused); }

int main(void) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, 0, next, 0);
    pthread_join(thread, &result);
    _exit((int)(long)result + value);
  }
  waitpid(child, &status, 0);
  printf("%d %d\n", WEXITSTATUS(status), value);
  return 0;
}
