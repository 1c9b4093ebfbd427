// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An object that asks for an executable stack is refused: the stack of the process is not the linker's to change.
// expect-error: (?i)stack
// opts: O2
// models: default
// why: the request is in the assembler source
#include <stdio.h>

int answer(void);

int main(void) {
  printf("%d\n", answer());
  return 0;
}
