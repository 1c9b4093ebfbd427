// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A weak thread-local variable that nothing defines does not keep a program from being linked.
// matrix: tls-imported
#include <stdio.h>
extern __thread int nowhere __attribute__((weak));
__thread int here = 3;
int main(int argc, char **argv) {
  if (argc > 5) printf("%d %s\n", nowhere, argv[1]);
  printf("%d\n", here);
  return 0;
}
