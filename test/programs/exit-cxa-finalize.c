// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __cxa_finalize with the program's handle runs its handlers once and there and then.
// opts: O2
// models: default fPIC no-plt
// why: only the start files of position-independent programs give __dso_handle a value of its own
#include <stdio.h>

extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void __cxa_finalize(void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static void say(void *text) { puts(text); }

int main(void) {
  __cxa_atexit(say, "early", __dso_handle);
  __cxa_finalize(__dso_handle);
  __cxa_atexit(say, "late", __dso_handle);
  puts("end of main");
  return 0;
}
