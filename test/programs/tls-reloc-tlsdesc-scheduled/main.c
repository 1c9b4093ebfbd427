// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Other instructions may stand between a descriptor's lea and its call, and every other register is kept.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <pthread.h>
#include <stdio.h>
__thread int first = 1, second = 2;
int keeps(int *firsts[2]);
static void *check(void *unused) {
  int *found[2];
  int wrong = keeps(found);
  printf("%d %d %d\n", wrong, found[0] == &first, found[1] == &second);
  return unused;
}
int main(void) {
  pthread_t thread;
  check(0);
  pthread_create(&thread, 0, check, 0);
  pthread_join(thread, 0);
  return 0;
}
