// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Destructors of pthread keys run when the thread ends, and still see its variables.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int value = 1;
static pthread_key_t key;
static void destroy(void *text) { printf("%s %d\n", (char *)text, value); }
static void *run(void *text) {
  value = 25;
  pthread_setspecific(key, text);
  return 0;
}

int main(void) {
  pthread_t thread;
  pthread_key_create(&key, destroy);
  pthread_create(&thread, 0, run, "thread's end");
  pthread_join(thread, 0);
  printf("%d\n", value);
  return 0;
}
