// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A library on the link line is in the global scope: dlsym finds its symbols, and so do libraries opened later.
// shared: libbase.so = base.c
// shared: libplugin.so = plugin.c
// inputs: main.o libbase.so
// models: default fPIC no-plt medium large
// why: with -fno-pic, the system linker's program has a stub for an address, and dlsym finds that
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

int base(int);

int main(void) {
  printf("%d\n", dlsym(RTLD_DEFAULT, "base") == (void *)base);
  void *library = dlopen("./libplugin.so", RTLD_NOW);
  if (!library) return puts(dlerror()), 1;
  printf("%d\n", ((int (*)(int))dlsym(library, "plugin"))(1));
  return 0;
}
