// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A descriptor's function keeps all sixteen vector registers, with their upper halves where there are any.
// shared: libstate.so = state.c
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <pthread.h>
#include <stdio.h>
extern __thread int state;
__thread int own = 2;
int *keeps_xmm(int *changed), *keeps_ymm(int *changed);
static void *check(void *unused) {
  int narrow = 0, wide = 0;
  int same = keeps_xmm(&narrow) == &own;
  if (__builtin_cpu_supports("avx")) same += keeps_ymm(&wide) == &state;
  else same += &state != 0;
  printf("%d %d %d\n", same, narrow, wide);
  return unused;
}
int main(void) {
  pthread_t thread;
  check(0);
  pthread_create(&thread, 0, check, 0);
  pthread_join(thread, 0);
  return 0;
}
