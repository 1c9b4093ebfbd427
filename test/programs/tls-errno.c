// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: errno is the C library's, one for each thread, beside variables of the program.
// matrix: tls-brief
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static __thread int saved = 1;

static void *fail(void *unused) {
  int before = errno;
  close(-1);
  saved = errno;
  printf("%d %d\n", before, saved == EBADF);
  return unused;
}

int main(void) {
  pthread_t thread;
  errno = ENOENT;
  pthread_create(&thread, 0, fail, 0);
  pthread_join(thread, 0);
  printf("%d %d\n", errno == ENOENT, saved);
  return 0;
}
