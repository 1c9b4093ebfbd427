// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Wherever a signal comes, in stubs as well, its handler can walk the stack to main: every instruction is tried.
// opts: O0 O2
// models: default fPIC no-pic
// why: what stubs there are depends on the model, and each step takes a walk
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

int leaf(int);
extern __thread int of_leaf;

static uintptr_t in_main;
static volatile int walks, lost, reached;

static _Unwind_Reason_Code look(struct _Unwind_Context *frame, void *unused) {
  reached |= _Unwind_GetCFA(frame) > in_main;
  return _URC_NO_REASON;
}

// A breakpoint's trap switches stepping on and off; it traps behind its instruction.
static void step(int number, siginfo_t *info, void *context) {
  if (info->si_code == SI_KERNEL) ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] ^= 0x100;
  reached = 0;
  _Unwind_Backtrace(look, 0);
  walks++;
  lost += !reached;
}

static void bye(void) {}

__attribute__((noinline)) static void stepped(void) {
  __asm__ volatile("int3");
  of_leaf += leaf(1) + leaf(2);
  getppid();
  getppid();
  atexit(bye);
  __asm__ volatile("int3");
}

int main(void) {
  volatile int local = 0;
  in_main = (uintptr_t)&local;
  _Unwind_Backtrace(look, 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = step;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, 0);
  stepped();
  printf("%s, %d lost\n", walks > 20 ? "walked" : "hardly walked", lost);
  return 0;
}
