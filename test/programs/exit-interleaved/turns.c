// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static void say(void *text) { puts(text); }
static void call(void *function) { ((void (*)(void))function)(); }
void library_registers(const char *text) { __cxa_atexit(say, (void *)text, &__dso_handle); }
void library_registers_caller(void (*function)(void)) { __cxa_atexit(call, (void *)function, &__dso_handle); }
