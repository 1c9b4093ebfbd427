# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro slot name, symbol
.globl \name
\name:
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  .byte 0x48, 0xb8                      # movabs $symbol@GOTPLT, %rax
  .reloc ., R_X86_64_GOTPLT64, \symbol
  .quad 0
  movq (%rax, %rdx), %rax
  ret
.endm
.text
slot own, word
slot local, .Lvalue
slot library, atoi
.data
.Lvalue: .long 55
.section .note.GNU-stack, "", @progbits
