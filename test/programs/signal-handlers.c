// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Signal handlers of the program run, on an alternative stack too, and a fault in its code can be caught.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t count;
static sigjmp_buf back;
static void counts(int signal) { count += signal; }
static void jumps(int signal) { siglongjmp(back, signal); }

int main(void) {
  static char stack[65536];
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction on_segv = {.sa_handler = jumps, .sa_flags = SA_ONSTACK};
  signal(SIGUSR1, counts);
  raise(SIGUSR1);
  sigaltstack(&alternative, 0);
  sigaction(SIGSEGV, &on_segv, 0);
  int caught = sigsetjmp(back, 1);
  if (!caught) *(volatile int *)16 = 1;
  printf("%d %d\n", count == SIGUSR1, caught == SIGSEGV);
  return 0;
}
