// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: dlsym, dlopen(NULL), dladdr, RTLD_NEXT and backtrace_symbols know a program's functions and variables.
// system-link: -rdynamic
// stderr: ignore
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int variable = 7;
const char constant[24] = "constant";
char zeros[4096];
__attribute__((weak)) int weak_function(void) { return 5; }
__attribute__((visibility("hidden"))) int hidden_function(void) { return 6; }
__attribute__((visibility("protected"))) int protected_function(void) { return 8; }
int own(void) { return variable; }

// The library's, by way of what comes behind the program.
int puts(const char *text) {
  int (*next)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "puts");
  if (next == NULL) return printf("RTLD_NEXT: %s\n", dlerror());
  printf("wrapped: ");
  return next(text);
}

static void look(void *scope, const char *name, const void *expected) {
  printf("%s %d\n", name, dlsym(scope, name) == expected);
}

static void name(const char *what, const void *address) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_sname == NULL) {
    printf("%s: none\n", what);
  } else {
    printf("%s: %s%+ld\n", what, info.dli_sname, (long)((const char *)address - (const char *)info.dli_saddr));
  }
}

// "./program(own+0x4) [0x5555]": without what differs from run to run.
static void trace(const void *address) {
  void *addresses[] = {(void *)address};
  char **names = backtrace_symbols(addresses, 1);
  char *begin = strchr(names[0], '('), *end = strchr(names[0], ')');
  if (begin != NULL && end != NULL) printf("%.*s\n", (int)(end - begin + 1), begin);
  free(names);
}

int main(void) {
  volatile int n = 1;
  puts("through the next definition");
  void *program = dlopen(NULL, RTLD_NOW);
  void *scopes[] = {RTLD_DEFAULT, program};
  for (int i = 0; i < 2; ++i) {
    look(scopes[i], "own", (void *)own);
    look(scopes[i], "variable", &variable);
    look(scopes[i], "constant", constant);
    look(scopes[i], "zeros", zeros);
    look(scopes[i], "weak_function", (void *)weak_function);
    look(scopes[i], "protected_function", (void *)protected_function);
    look(scopes[i], "hidden_function", NULL);
    look(scopes[i], "main", (void *)main);
  }
  name("function", (char *)own + n);
  name("variable", &variable);
  name("constant", constant + 5);
  name("zeros", zeros + 4000);
  trace((char *)own + 1);
  printf("%d %d %d\n", own(), weak_function(), hidden_function() + protected_function());
  return 0;
}
