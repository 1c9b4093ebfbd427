// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Data that the program interposes on the C library's own name, as a strong definition, is used by the program.
#include <stdio.h>

int optind = 77;
char *program_invocation_name = "mine";

int main(void) {
  printf("%d %s\n", optind, program_invocation_name);
  return 0;
}
