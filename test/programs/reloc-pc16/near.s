# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata
.globl ahead, behind, here, there
here: .skip 4
ahead:
  .reloc ., R_X86_64_PC16, there
  .short 0
  .skip 30000
behind:
  .reloc ., R_X86_64_PC16, here + 3
  .short 0
there: .byte 77
.section .note.GNU-stack, "", @progbits
