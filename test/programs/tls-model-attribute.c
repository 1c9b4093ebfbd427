// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The tls_model attribute gives each variable its own model within one object.
// matrix: tls-brief
#include <stdio.h>

__thread int general __attribute__((tls_model("global-dynamic"))) = 1;
static __thread int local __attribute__((tls_model("local-dynamic"))) = 2;
__thread int initial __attribute__((tls_model("initial-exec"))) = 3;
static __thread int exec __attribute__((tls_model("local-exec"))) = 4;

__attribute__((noinline)) static void turn(int n) {
  general += n;
  local += general;
  initial += local;
  exec += initial;
}

int main(void) {
  turn(10);
  printf("%d %d %d %d\n", general, local, initial, exec);
  return 0;
}
