// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A GNU linker script on the link line, as they stand in library directories, names the inputs in its place.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: libreal.a = real.c
// inputs: main.o libscript.a
// generate: libscript.a = script.py
#include <stdio.h>

int real(void);

int main(void) {
  printf("%d\n", real());
  return 0;
}
