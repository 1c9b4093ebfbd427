# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata
.balign 8
.globl field
field:
  .reloc ., R_X86_64_NONE, target
  .quad 0x0123456789abcdef
.section .note.GNU-stack, "", @progbits
