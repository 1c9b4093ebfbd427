// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _Unwind_Backtrace in a signal handler walks over the signal's frame into the interrupted function.
// flags: -fno-omit-frame-pointer
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <signal.h>
#include <stdio.h>
#include <unwind.h>

static int met_interrupted, met_main;
__attribute__((noinline)) static void interrupted(void) { __asm__ volatile("ud2"); }
int main(void);
static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *unused) {
  void *function = _Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(context));
  met_interrupted += function == (void *)interrupted;
  met_main += function == (void *)main;
  return unused ? _URC_END_OF_STACK : _URC_NO_REASON;
}
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info;
  _Unwind_Backtrace(look, 0);
  ((ucontext_t *)context)->uc_mcontext.gregs[16] += 2;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, 0);
  interrupted();
  printf("%d %d\n", met_interrupted, met_main);
  return 0;
}
