// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: R_X86_64_TLSGD with a call by PLTOFF64, the large model's sequence, gives the variable's address.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include "../tls-reloc-gd/check.h"
int main(void) { return in_two_threads(); }
