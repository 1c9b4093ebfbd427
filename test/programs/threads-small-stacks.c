// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Threads with the smallest stacks start, and have of them what threads of a linked program have.
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread char own[40];
static size_t size;

static void *use(void *unused) {
  volatile char *bytes = __builtin_alloca(size / 2);
  for (size_t i = size / 2; i-- > 0;) bytes[i] = 1;
  own[3]++;
  return unused;
}

int main(void) {
  const size_t sizes[] = {PTHREAD_STACK_MIN, 32768, 65536, 98304, 131072, 262144};
  for (int i = 0; i < 6; ++i) {
    size = sizes[i];
    fflush(stdout);
    if (fork() == 0) {
      pthread_attr_t attributes;
      pthread_t thread;
      pthread_attr_init(&attributes);
      pthread_attr_setstacksize(&attributes, size);
      const int error = pthread_create(&thread, &attributes, use, 0);
      if (!error) pthread_join(thread, 0);
      _exit(error ? 1 : 0);
    }
    int status;
    wait(&status);
    printf("%zu: %s\n", size, WIFSIGNALED(status) ? "overflows" : WEXITSTATUS(status) ? "does not start" : "works");
  }
  return 0;
}
