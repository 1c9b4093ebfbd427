// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Initialisers and main find no error number, no floating-point exception, and the usual control words.
// link: -lm
#include <errno.h>
#include <fenv.h>
#include <stdio.h>

static int error, raised, rounding;
static unsigned short control;
static unsigned vector;

__attribute__((constructor)) static void start(void) {
  error = errno;
  raised = fetestexcept(FE_ALL_EXCEPT);
  rounding = fegetround();
  __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(control), "=m"(vector));
}

int main(void) {
  int now = fetestexcept(FE_ALL_EXCEPT), number = errno;
  printf("%d %d %d %x %x\n", error, raised, rounding, control, vector);
  printf("%d %d\n", number, now);
  return 0;
}
