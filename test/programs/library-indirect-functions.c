// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Functions that the C library itself provides as indirect ones (memcpy, strlen) are called and have one address.
#include <stdio.h>
#include <string.h>

static void *(*const copy)(void *, const void *, size_t) = memcpy;

int main(int argc, char **argv) {
  (void)argv;
  char text[16];
  unsigned long (*volatile length)(const char *) = strlen;
  copy(text, "indirect", 8 + (size_t)argc);
  memmove(text + 2, text, (size_t)argc + 3);
  printf("%lu %s %d\n", length(text), text, strchr(text, 'd') - text > 0);
  return 0;
}
