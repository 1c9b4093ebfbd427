// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: dlsym of a thread-local variable gives the calling thread's address of it.
// link: -rdynamic
// matrix: tls-brief
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
__thread int visible = 4;
static void *look(void *unused) {
  int *found = dlsym(RTLD_DEFAULT, "visible");
  printf("%d\n", found == &visible);
  return unused;
}
int main(void) {
  pthread_t thread;
  look(0);
  pthread_create(&thread, 0, look, 0);
  pthread_join(thread, 0);
  return 0;
}
