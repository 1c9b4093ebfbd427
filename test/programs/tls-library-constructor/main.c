// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The program may address a library's thread-locals by constants, though constructors of libraries touch them.
// shared: libfirst.so = first.c
// shared: libsecond.so = second.c -L. -lfirst -Wl,-rpath,$ORIGIN
// matrix: tls-imported
#include <pthread.h>
#include <stdio.h>

extern __thread int first_count, second_count;
extern __thread char first_name[];
static __thread int own = 1;

static void *use(void *unused) {
  printf("%d %d %d %s\n", ++own, ++first_count, ++second_count, first_name);
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
