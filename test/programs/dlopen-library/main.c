// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The program opens a shared library itself, calls it, and sees its initialiser and finaliser run.
// shared: libplugin.so = plugin.c
// inputs: main.o
// link: -ldl
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
  void *library = dlopen("./libplugin.so", RTLD_NOW);
  if (!library) return puts(dlerror()), 1;
  int (*answer)(int) = (int (*)(int))dlsym(library, "answer");
  printf("%d\n", answer(20));
  dlclose(library);
  puts("closed");
  return 0;
}
