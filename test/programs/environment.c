// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The environment is the program's, by getenv, by environ and by main's third argument, and setenv changes it.
// env: COLOUR=green EMPTY=
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv, char **envp) {
  (void)argc, (void)argv;
  printf("%s [%s] %d\n", getenv("COLOUR"), getenv("EMPTY"), getenv("NOT_SET_ANYWHERE") == 0);
  int seen = 0;
  for (char **e = envp; *e; e++) seen += strcmp(*e, "COLOUR=green") == 0;
  setenv("COLOUR", "blue", 1);
  for (char **e = environ; *e; e++) seen += 10 * (strcmp(*e, "COLOUR=blue") == 0);
  printf("%d %s\n", seen, getenv("COLOUR"));
  return 0;
}
