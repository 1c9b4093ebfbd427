// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects with thread-local storage are refused, until it is supported.
// expect-error: (?i)thread|tls
// opts: O2
// models: default fPIC
// why: the refusal does not depend on the code
#include <stdio.h>

_Thread_local int counter = 3;

int main(void) {
  counter++;
  printf("%d\n", counter);
  return 0;
}
