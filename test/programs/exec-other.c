// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The program can replace the process by another, which inherits its streams and environment.
// env: INHERITED=yes
// status: 4
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <unistd.h>

int main(void) {
  puts("before");
  fflush(stdout);
  execl("/bin/sh", "sh", "-c", "echo after $INHERITED; exit 4", (char *)0);
  return 1;
}
