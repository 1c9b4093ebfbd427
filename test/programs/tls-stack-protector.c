// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Code with a stack protector and a split of the thread pointer's words (%fs:40) lives beside variables.
// flags: -fstack-protector-all
// matrix: tls-brief
#include <stdio.h>
#include <string.h>

static __thread char copy[16];
__attribute__((noinline)) static int fill(const char *text) {
  char local[16];
  strcpy(local, text);
  memcpy(copy, local, sizeof copy);
  return (int)strlen(copy);
}

int main(void) {
  int length = fill("guarded");
  printf("%d %s\n", length, copy);
  return 0;
}
