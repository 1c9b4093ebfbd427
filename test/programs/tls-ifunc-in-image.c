// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A pointer to an indirect function in .tdata leads to what the resolver chose.
// matrix: tls-brief
#include <pthread.h>
#include <stdio.h>

static int chosen(int x) { return x + 1; }
static int (*choose(void))(int) { return chosen; }
int indirect(int) __attribute__((ifunc("choose")));
__thread int (*pointer)(int) = indirect;

static void *use(void *unused) {
  printf("%d\n", pointer(1));
  pointer = 0;
  return unused;
}

int main(void) {
  pthread_t thread;
  use(0);
  pthread_create(&thread, 0, use, 0);
  pthread_join(thread, 0);
  return 0;
}
