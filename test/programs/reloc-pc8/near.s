# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl forward, backward, seven, eight
eight:
  movl $8, %eax
  ret
forward:
  .byte 0xeb                                # jmp seven
  .reloc ., R_X86_64_PC8, seven - 1
  .byte 0
  .skip 100, 0xcc
seven:
  movl $7, %eax
  ret
backward:
  .byte 0xeb                                # jmp eight
  .reloc ., R_X86_64_PC8, eight - 1
  .byte 0
.section .rodata
.globl ahead, behind, here, there
here: .byte 1
ahead:
  .reloc ., R_X86_64_PC8, there
  .byte 0
behind:
  .reloc ., R_X86_64_PC8, here
  .byte 0
  .skip 50
there: .byte 77
.section .note.GNU-stack, "", @progbits
