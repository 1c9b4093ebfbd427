// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Libraries have the room in static thread-local storage that they need, and are started once.
// shared: libsome.so = some.c
// shared: libmuch.so = much.c
// matrix: tls-imported
#include <pthread.h>
#include <stdio.h>

int touch_some(int), touch_much(int);
extern __thread char much[];
static __thread char own[3000];

static void *use(void *unused) {
  own[2999]++;
  printf("%d %d %d %d\n", touch_some(2), touch_much(3), ++much[1], own[2999]);
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  use(0);
  return 0;
}
