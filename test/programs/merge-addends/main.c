// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: References into mergeable sections, with addends, to the middle of a string and to its end, stay exact.
// opts: O2
// models: default fPIC no-pic
// why: the sections are in the assembler sources
#include <stdio.h>

extern const char *const strings_a[4], *const strings_b[4];
extern const unsigned char *const words[2];
const char *code_middle(void);

int main(void) {
  for (int i = 0; i < 4; i++) printf("[%s] [%s]\n", strings_a[i], strings_b[i]);
  printf("%d %d [%s]\n", words[0][0], words[1][0], code_middle());
  return 0;
}
