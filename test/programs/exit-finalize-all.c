// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: __cxa_finalize runs the handlers of its handle, with those that they register, and no others.
// models: default fPIC no-plt
// why: only the start files of position-independent programs give __dso_handle a value of its own
#include <stdio.h>
#include <stdlib.h>

extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void __cxa_finalize(void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static int another;
static void say(void *text) { puts(text); }
static void registers(void *text) {
  puts(text);
  __cxa_atexit(say, "registered meanwhile", __dso_handle);
}

int main(void) {
  __cxa_atexit(say, "first", __dso_handle);
  __cxa_atexit(say, "of another", &another);
  __cxa_atexit(registers, "registers", __dso_handle);
  __cxa_finalize(&another);
  __cxa_finalize(__dso_handle);
  puts("|");
  __cxa_atexit(say, "of another again", &another);
  __cxa_atexit(say, "late", __dso_handle);
  return 0;
}
