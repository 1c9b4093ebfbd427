// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -fcf-protection=full: an indirect function is called by name and through pointers, which hold a stub's address.
// flags: -fcf-protection=full
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <stdio.h>

static int one(void) { return 1; }
static int (*choose(void))(void) { return one; }
int chosen(void) __attribute__((ifunc("choose")));
int (*volatile in_data)(void) = chosen;

int main(void) {
  int (*volatile in_code)(void) = chosen;
  printf("%d %d %d\n", chosen(), in_data(), in_code());
  return 0;
}
