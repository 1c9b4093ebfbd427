// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An object that holds intermediate code only (-flto) is refused by name, not as a program without main.
// flags: -flto
// expect-error: (?i)intermediate code|-fno-lto
// opts: O2
// models: default
// compilers: gcc
// why: the file is what counts, not the code; clang's needs a linker plugin that may be missing
#include <stdio.h>

int main(void) {
  puts("compiled at link time");
  return 0;
}
