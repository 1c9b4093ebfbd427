// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Versions that a program's symbols have are known to dlvsym, and the default one to dlsym.
// system-link: -rdynamic
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

__asm__(".symver first, answer@V1\n.symver second, answer@@V2\n.symver variable, count@V1");
int first(void) { return 1; }
int second(void) { return 2; }
int variable = 3;
int plain(void) { return 4; }

static int call(void *function) { return function == NULL ? -1 : ((int (*)(void))function)(); }

int main(void) {
  printf("%d ", call(dlvsym(RTLD_DEFAULT, "answer", "V1")));
  printf("%d ", call(dlvsym(RTLD_DEFAULT, "answer", "V2")));
  printf("%d ", call(dlsym(RTLD_DEFAULT, "answer")));
  printf("%d ", call(dlvsym(RTLD_DEFAULT, "answer", "V3")));
  int *count = dlvsym(RTLD_DEFAULT, "count", "V1");
  printf("%d ", count == NULL ? -1 : *count);
  printf("%d %d\n", call(dlsym(RTLD_DEFAULT, "plain")), call(dlvsym(RTLD_DEFAULT, "plain", "V1")));
  return 0;
}
