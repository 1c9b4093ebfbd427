// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A library that the program opens itself, with thread-local storage, works beside the program's own.
// shared: libplug.so = plug.c
// inputs: main.o
// matrix: tls-brief
#include <dlfcn.h>
#include <stdio.h>
static __thread int own = 1;
int main(void) {
  void *plug = dlopen("./libplug.so", RTLD_NOW);
  if (!plug) return 1;
  int (*next)(void) = (int (*)(void))dlsym(plug, "plug_next");
  int *state = dlsym(plug, "plug_state");
  *state += 5;
  own++;
  printf("%d %d\n", next(), own);
  return dlclose(plug);
}
