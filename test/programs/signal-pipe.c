// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: SIGPIPE has its default disposition: a write to a pipe that nobody reads ends the program.
// status: 141
// opts: O2
// models: default
// why: the fact is the process's, not the code's
#include <stdio.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  if (pipe(ends) != 0) return 1;
  close(ends[0]);
  puts("before");
  fflush(stdout);
  if (write(ends[1], "x", 1) == 1) return 2;
  return 3;
}
