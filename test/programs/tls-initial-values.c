// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Every thread begins with the image's values: those of .tdata, and zeros for .tbss.
// matrix: tls
#include <pthread.h>
#include <stdio.h>

__thread int number = 3;
__thread char text[] = "image";
static __thread long zero, negative = -7;
__thread double fraction = 0.5;

static void *show(void *unused) {
  printf("%d %s %ld %ld %.1f\n", number, text, zero, negative, fraction);
  number = 4, text[0] = 'I', zero = 1, negative = 7, fraction = 1;
  return unused;
}

int main(void) {
  pthread_t thread;
  show(0);
  pthread_create(&thread, 0, show, 0);
  pthread_join(thread, 0);
  printf("%d %s %ld %ld %.1f\n", number, text, zero, negative, fraction);
  return 0;
}
