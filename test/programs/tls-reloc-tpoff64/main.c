// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_TPOFF64 is the 64-bit distance from the thread pointer, in movabs and in data.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include "../tls-reloc-gd/check.h"
extern const long distance;
int main(void) {
  printf("%d\n", (char *)__builtin_thread_pointer() + distance == (char *)&variable + 4);
  return in_two_threads();
}
