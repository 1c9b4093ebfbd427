// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -fcf-protection=full: endbr64 and the property note are no trouble.
// flags: -fcf-protection=full
#include <stdio.h>

static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }
int (*volatile choice[])(int) = {twice, thrice};

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 2; i++) printf("%d\n", choice[i](argc + 4));
  return 0;
}
