// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __cxa_atexit with the object's own __dso_handle runs at exit, with its argument, in one order with atexit's.
#include <stdio.h>
#include <stdlib.h>

extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static void with_argument(void *text) { puts(text); }
static void plain(void) { puts("plain"); }

int main(void) {
  __cxa_atexit(with_argument, "first", __dso_handle);
  atexit(plain);
  __cxa_atexit(with_argument, "no handle", 0);
  __cxa_atexit(with_argument, "last", &__dso_handle);
  return 0;
}
