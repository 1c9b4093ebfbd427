// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Thread-local storage, of a few bytes or of megabytes, leaves no descriptor open.
// matrix: tls-brief
#include <fcntl.h>
#include <stdio.h>

static __thread char few[40], many[3 << 20];

int main(void) {
  few[3] = many[5] = 1;
  for (int i = 3; i < 1100; i++) {
    if (fcntl(i, F_GETFD) >= 0) printf("%d is open\n", i);
  }
  puts("looked");
  return 0;
}
