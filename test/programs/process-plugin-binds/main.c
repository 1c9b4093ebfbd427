// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A plug-in that a program opens binds to the program's functions and variables.
// shared: libplugin.so = plugin.c
// inputs: main.o
// system-link: -rdynamic
#include <dlfcn.h>
#include <stdio.h>

int count = 3;
int offered(int n) { return ++count * n; }
__attribute__((weak)) int weakly_offered(void) { return 9; }

int main(void) {
  void *plugin = dlopen("./libplugin.so", RTLD_NOW);
  if (plugin == NULL) return printf("%s\n", dlerror());
  int (*work)(void) = (int (*)(void))dlsym(plugin, "work");
  printf("%d\n", work());
  printf("%d\n", count);
  return dlclose(plugin);
}
