// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
_Alignas(4096) char block[32];
char *other_block(void) { return block; }
