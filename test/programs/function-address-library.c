// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The address of a library function is the one that dlsym gives.
// models: default fPIC no-plt medium large
// why: with -fno-pic, the system linker's program has a stub for an address, and dlsym finds that
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void *const table[] = {(void *)puts, (void *)atoi};

int main(void) {
  int (*volatile from_code)(const char *) = puts;
  printf("%d\n", dlsym(RTLD_DEFAULT, "puts") == (void *)from_code);
  printf("%d\n", dlsym(RTLD_DEFAULT, "puts") == table[0]);
  printf("%d\n", dlsym(RTLD_DEFAULT, "atoi") == table[1]);
  return 0;
}
