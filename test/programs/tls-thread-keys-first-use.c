// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The destructor of a pthread key may be a thread's first use of a variable.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static __thread int value = 6;
static __thread int zero;
static pthread_key_t key;
static void destroy(void *again) {
  printf("%d %d\n", value++, zero++);
  if (again != (void *)1) pthread_setspecific(key, (char *)again - 1);
}
static void *run(void *rounds) {
  pthread_setspecific(key, rounds);
  return 0;
}

int main(void) {
  pthread_t thread;
  pthread_key_create(&key, destroy);
  pthread_create(&thread, 0, run, (void *)3);
  pthread_join(thread, 0);
  return 0;
}
