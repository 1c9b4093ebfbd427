// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Debug sections in DWARF 4, compressed, with thread-local variables in them do not stand in the way.
// flags: -gdwarf-4 -gz
// matrix: tls-brief
#include <stdio.h>

__thread long global = 1;
static __thread char text[] = "compressed";

int main(void) {
  printf("%ld %s\n", ++global, text);
  return 0;
}
