// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -D_FORTIFY_SOURCE=2 binds to the checking functions, which work and catch an overflow.
// flags: -D_FORTIFY_SOURCE=2
// flags-gcc: -Wno-stringop-overflow
// opts: O2
// why: fortification needs optimisation
// status: 134
// stderr: nonempty
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  (void)argv;
  char small[8];
  snprintf(small, sizeof small, "%d", argc);
  strcat(small, "!");
  printf("%s\n", small);
  fflush(stdout);
  memset(small, 'x', (size_t)argc * 100);
  printf("%s\n", small);
  return 0;
}
