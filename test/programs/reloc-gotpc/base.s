# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl by_gotpc32, by_gotpc64, by_field
by_gotpc32:
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rax         # GOTPC32
  ret
by_gotpc64:
1:
  leaq 1b(%rip), %rax
  movabsq $_GLOBAL_OFFSET_TABLE_ - 1b, %rdx      # GOTPC64
  addq %rdx, %rax
  ret
.section .text.elsewhere, "ax"
by_field:
  leaq .Lfield(%rip), %rax
  movslq .Lfield(%rip), %rdx
  addq %rdx, %rax
  ret
.section .rodata
.balign 4
.Lfield:
  .reloc ., R_X86_64_GOTPC32, _GLOBAL_OFFSET_TABLE_
  .long 0
.section .note.GNU-stack, "", @progbits
