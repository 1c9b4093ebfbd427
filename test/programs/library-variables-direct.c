// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Variables of the C library that code addresses directly are those that the C library uses.
// models: no-pic default
// no-sanitizer: a sanitizer's run time wants to be the first that is loaded
// why: other code reaches them through a slot
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ, **__environ;
FILE **standard = &stdout;  // R_X86_64_64
static char *other[] = {"NAME=other", NULL};

int main(int argc, char **argv) {
  static char *arguments[] = {"program", "-a", "5", "-b", NULL};
  int n = 0, option;
  while ((option = getopt(4, arguments, "a:b")) != -1) printf("%c %s %d\n", option, optarg ? optarg : "-", optind);
  for (char **entry = environ; *entry; entry++) n += strncmp(*entry, "LD_PRELOAD=", 11) == 0;
  printf("%d %d %d %d\n", n, environ == __environ, &environ == &__environ, opterr);
  fflush(stdout);
  if (system("echo \"$LD_PRELOAD\"") != 0) return 1;
  environ = other;
  printf("%s\n", getenv("NAME"));
  setenv("NAME", "new", 1);
  printf("%s %d\n", getenv("NAME"), environ != other);
  fflush(*standard);
  stdout = stderr;
  printf("on stderr %d\n", fileno(*standard));
  return 0;
}
