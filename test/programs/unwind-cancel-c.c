// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Clean-up attributes of C frames with -fexceptions run when their thread is cancelled.
// flags: -fexceptions
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void gone(const char **name) { printf("gone %s\n", *name); }
__attribute__((noinline)) static void inner(void) {
  __attribute__((cleanup(gone))) const char *name = "inner";
  for (;;) pause();
}
static void *run(void *unused) {
  __attribute__((cleanup(gone))) const char *name = "outer";
  inner();
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, run, 0);
  pthread_cancel(thread);
  pthread_join(thread, 0);
  return 0;
}
