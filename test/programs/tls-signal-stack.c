// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A handler on its own stack still has the thread's variables: they hang on the thread pointer, not on the stack.
// matrix: tls-brief
#include <signal.h>
#include <stdio.h>

static __thread int value = 7;
static char stack[65536];
static int on_stack, seen;
static void handler(int unused) {
  char here;
  on_stack = &here >= stack && &here < stack + sizeof stack;
  seen = value + 0 * unused;
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaltstack(&alternate, 0);
  sigaction(SIGUSR1, &action, 0);
  value++;
  raise(SIGUSR1);
  printf("%d %d\n", on_stack, seen);
  return 0;
}
