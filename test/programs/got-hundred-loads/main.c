// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: 100 GOT loads of one far symbol and calls of another from two sections work from one slot each.
// opts: O2
// models: default fPIC
// why: the instructions in question are in the assembler source
#include <stdio.h>

unsigned long load_hundred(void);
int call_from_one(const char *), call_from_other(const char *);

int main(void) {
  int (*f)(int) = (int (*)(int))load_hundred();
  printf("%d\n", f ? f(-4) : -1);
  printf("%d\n", call_from_one("12") + call_from_other("30"));
  return 0;
}
