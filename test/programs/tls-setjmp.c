// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: longjmp over frames that use variables leaves in them what was stored; the jmp_buf is one of them.
// matrix: tls-brief
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>

static __thread jmp_buf back;
static __thread int level;
__attribute__((noinline)) static void descend(int n) {
  if (++level == n) longjmp(back, n);
  descend(n);
  level = -1;
}
static void *run(void *n) {
  int code = setjmp(back);
  if (code == 0) descend((int)(long)n);
  printf("%d %d\n", code, level);
  return 0;
}

int main(void) {
  pthread_t thread;
  run((void *)5);
  pthread_create(&thread, 0, run, (void *)9);
  pthread_join(thread, 0);
  return 0;
}
