// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Initialisers are called with argc, argv and envp.
// args: one two
// env: INIT_SEES=me
#include <stdio.h>
#include <string.h>

__attribute__((constructor)) static void begin(int argc, char **argv, char **envp) {
  printf("%d %s %s\n", argc, argv[1], argv[2]);
  for (; *envp; envp++)
    if (strncmp(*envp, "INIT_SEES=", 10) == 0) puts(*envp);
}

int main(void) { return 0; }
