// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_DTPOFF32 and DTPOFF64 in data are offsets within the block: their differences are distances.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include <stdio.h>
__thread char first = 1, second[5000] = {2}, third[70];
extern const long offsets[4];
extern const int short_offsets[2];
int main(void) {
  printf("%d ", offsets[1] - offsets[0] == second - &first);
  printf("%d ", offsets[2] - offsets[1] == third - second);
  printf("%d ", offsets[3] - offsets[2] == 40);
  printf("%d\n", short_offsets[1] - short_offsets[0] == third - &first);
  return 0;
}
