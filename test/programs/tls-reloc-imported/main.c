// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: TLSGD, GOTTPOFF and GOTPC32_TLSDESC of a library's variable give its address in each thread.
// shared: libstate.so = state.c
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <pthread.h>
#include <stdio.h>
extern __thread int state;
int *general(void), *general_got(void), *initial(void), *descriptor(void);
static void *check(void *unused) {
  int *by[] = {general(), general_got(), initial(), descriptor()};
  for (int i = 0; i < 4; i++) printf("%d ", by[i] == &state);
  printf("%d\n", state++);
  return unused;
}
int main(void) {
  pthread_t thread;
  check(0);
  pthread_create(&thread, 0, check, 0);
  pthread_join(thread, 0);
  return 0;
}
