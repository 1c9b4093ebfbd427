// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: -fstack-protector-strong code checks its canary, and a smashed stack aborts.
// flags: -fstack-protector-strong
// status: 134
// stderr: nonempty
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static void fill(const char *text, volatile unsigned long size) {
  char buffer[16];
  memset(buffer, text[0], size);
  printf("%c\n", buffer[3]);
}

int main(void) {
  fill("ok", 15);
  fflush(stdout);
  fill("bad", 64);
  return 0;
}
