// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_SIZE64 and SIZE32 of a thread-local variable are its size.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread char image[100] = {1}, zeros[3000];
extern const long sizes[2];
extern const int short_sizes[2];
int main(void) {
  image[1] = zeros[2];
  printf("%ld %ld %d %d\n", sizes[0], sizes[1], short_sizes[0], short_sizes[1]);
  return 0;
}
