// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Standard input is the program's, to its end.
// stdin: first line\nsecond line\n\nlast without an end
#include <stdio.h>
#include <string.h>

int main(void) {
  char line[100];
  while (fgets(line, sizeof line, stdin)) printf("%zu %s", strlen(line), line);
  printf("\n%d %d\n", feof(stdin) != 0, getchar());
  return 0;
}
