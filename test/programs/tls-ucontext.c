// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Contexts of one thread (swapcontext) share its variables, on whatever stack they run.
// stderr: ignore
// matrix: tls-brief
#include <stdio.h>
#include <ucontext.h>

static __thread int value = 1;
static ucontext_t main_context, other_context;
static char stack[65536];
static void other(void) {
  value += 10;
  swapcontext(&other_context, &main_context);
  value += 100;
}

int main(void) {
  getcontext(&other_context);
  other_context.uc_stack.ss_sp = stack;
  other_context.uc_stack.ss_size = sizeof stack;
  other_context.uc_link = &main_context;
  makecontext(&other_context, other, 0);
  swapcontext(&main_context, &other_context);
  printf("%d\n", value);
  swapcontext(&main_context, &other_context);
  printf("%d\n", value);
  return 0;
}
