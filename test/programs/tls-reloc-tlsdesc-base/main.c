// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A descriptor of _TLS_MODULE_BASE_, the block's base, serves several variables by R_X86_64_DTPOFF32.
// opts: O2
// models: default fPIC no-pic
// why: the relocations in question are in the assembler source
#include "../tls-reloc-gd/check.h"
int main(void) { return in_two_threads(); }
