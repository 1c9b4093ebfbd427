// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Functions of the C library that keep thread-local state, strtok to strerror, serve a program with its own.
// matrix: tls-brief
#include <locale.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread char line[32] = "a b c";

static void *use(void *unused) {
  char wide[8];
  uselocale(newlocale(LC_ALL_MASK, "C", 0));
  h_errno = HOST_NOT_FOUND;
  printf("%s %s %s\n", strtok(line, " "), strerror(9999), strsignal(9));
  printf("%d %d\n", h_errno, wctomb(wide, L'x'));
  free(malloc(100));
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
