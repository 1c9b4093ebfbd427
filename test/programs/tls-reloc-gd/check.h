// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the programs of this family have in common: a variable, its address by assembler code, and two threads.
#include <pthread.h>
#include <stdio.h>
__thread int padding = 1;
__thread int variable = 42;
int *address(void);
static void *check(void *name) {
  printf("%s %d %d\n", (char *)name, address() == &variable, *address());
  ++*address();
  return name;
}
static int in_two_threads(void) {
  pthread_t thread;
  check("main");
  pthread_create(&thread, 0, check, "thread");
  pthread_join(thread, 0);
  printf("%d %d\n", variable, padding);
  return 0;
}
