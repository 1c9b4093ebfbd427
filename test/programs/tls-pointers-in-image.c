// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Pointers in .tdata, to data, strings, functions and library functions, are relocated for every thread.
// matrix: tls
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int number = 5;
static int twice(int x) { return 2 * x; }
__thread int *to_number = &number;
__thread const char *text = "text";
static __thread int (*function)(int) = twice;
static __thread int (*library)(const char *) = atoi;
static __thread int *inside[2] = {&number, &number + 1};

static void *use(void *unused) {
  printf("%d %s %d %d %d\n", *to_number, text, function(21), library("12"), (int)(inside[1] - inside[0]));
  to_number = 0, text = 0, function = 0, library = 0, inside[0] = 0;
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
