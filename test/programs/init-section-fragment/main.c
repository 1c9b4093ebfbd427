// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Code placed into .init, a fragment of the function that crti.o begins, runs before main or is refused.
// may-refuse: \.init
// opts: O2
// models: default
// why: the fragment is in the assembler source
#include <stdio.h>

int ran;

int main(void) {
  printf("%d\n", ran);
  return 0;
}
