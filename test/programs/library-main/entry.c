// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>

int main(int argc, char **argv, char **envp) {
  printf("%d %s %d\n", argc, argv[argc - 1], envp == argv + argc + 1);
  return 0;
}
