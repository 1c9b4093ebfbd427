// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A library calls an indirect function of the program by the address that the program has of it.
// shared: libuser.so = user.c
// system-link: -rdynamic
// compilers: gcc
// models: no-pic
// why: the system linker makes an address of an indirect function in programs of fixed address alone, not of clang's
#include <stdio.h>

static int chosen(int n) { return n + 1; }
static int (*choose(void))(int) { return chosen; }
int indirect(int) __attribute__((ifunc("choose")));
int use(int);
int (*address_of_indirect(void))(int);

int main(void) {
  int (*volatile address)(int) = indirect;
  printf("%d %d %d %d\n", use(4), indirect(5), address_of_indirect()(6), address == address_of_indirect());
  return 0;
}
