// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -fno-plt calls through slots, to the library and to the set, by call and by tail call.
// flags: -fno-plt
// models: default fPIC no-pic
// why: the flag is the program's; with a code model of its own it changes nothing
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, weak)) int own(const char *text) { return atoi(text); }
__attribute__((noinline)) int tail(const char *text) { return own(text); }

int main(void) {
  printf("%d\n", tail("12") + abs(atoi("-30")));
  return 0;
}
