// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Clean-up handlers of a cancelled thread see its variables.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static __thread int value = 1;
static void cleanup(void *text) { printf("%s %d\n", (char *)text, value); }
static void *run(void *unused) {
  value = 17;
  pthread_cleanup_push(cleanup, "cleanup");
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, run, 0);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("%d %d\n", result == PTHREAD_CANCELED, value);
  return 0;
}
