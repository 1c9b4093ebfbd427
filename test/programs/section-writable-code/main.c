// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A section that asks to be writable and executable at once is refused.
// expect-error: (?i)writ.*exec|exec.*writ
// opts: O2
// models: default
// why: the section is in the assembler source
#include <stdio.h>

int answer(void);

int main(void) {
  printf("%d\n", answer());
  return 0;
}
