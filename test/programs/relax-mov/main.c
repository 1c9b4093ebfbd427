// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A GOT load by mov gives the address in every register, rewritten to lea or not.
// opts: O2
// models: default no-pic
// why: the instructions in question are in the assembler source
#include <stdio.h>

int word = 7;
void load_own(void *out[14]), load_library(void *out[14]);

int main(void) {
  void *own[14], *library[14];
  load_own(own);
  load_library(library);
  for (int i = 0; i < 14; i++) {
    if (own[i] != &word) return printf("own: register %d\n", i), 1;
    if (((int (*)(const char *))library[i])("123") != 123) return printf("library: register %d\n", i), 1;
  }
  puts("all equal");
  return 0;
}
