// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: on_exit handlers receive the status, in one order with atexit's.
// status: 9
#include <stdio.h>
#include <stdlib.h>

static void with_status(int status, void *text) { printf("%s %d\n", (char *)text, status); }
static void plain(void) { puts("plain"); }

int main(void) {
  on_exit(with_status, "first");
  atexit(plain);
  on_exit(with_status, "second");
  return 9;
}
