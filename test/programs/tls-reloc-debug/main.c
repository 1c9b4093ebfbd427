// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: DTPOFF in sections that are not loaded, beside code relaxed from LD to LE, is no obstacle.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include "../tls-reloc-gd/check.h"
int main(void) { return in_two_threads(); }
