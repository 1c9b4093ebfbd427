// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A copy of what a library never writes cannot be written, and one of its variables can.
// shared: libtables.so = tables.c
// tool: --copy-data
// opts: O2
// models: no-pic
// why: only code with 32-bit addresses has copies
#include <stdio.h>
#include <unistd.h>

extern const int table[4];
extern const char *const names[2];
extern int count;

// The kernel fails to write where the page does not allow it.
static int is_writable(const void *at) {
  int ends[2];
  char bytes[4];
  if (pipe(ends) || write(ends[1], at, sizeof bytes) != (ssize_t)sizeof bytes) return -1;
  return read(ends[0], (void *)at, sizeof bytes) == (ssize_t)sizeof bytes;
}

int main(void) {
  printf("%d %s %d\n", table[2], names[1], count);
  printf("%d %d\n", is_writable(table), is_writable(&count));
  return 0;
}
