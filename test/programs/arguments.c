// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: argc and argv are the program's: empty ones, ones with spaces, ones that look like the tool's options.
// args: one 'two words' '' --stats -lm -- --help last
#include <stdio.h>

int main(int argc, char **argv) {
  printf("%d %d\n", argc, argv[argc] == 0);
  for (int i = 1; i < argc; i++) printf("[%s]\n", argv[i]);
  return 0;
}
