// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An alias of a thread-local variable, strong or weak, is another name of the same storage.
// matrix: tls-brief
#include <stdio.h>
extern __thread int name, also, perhaps;
int main(void) {
  also += 1;
  perhaps += 1;
  printf("%d %d %d\n", name, &name == &also, &name == &perhaps);
  return 0;
}
