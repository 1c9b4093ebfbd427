# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro slot name, symbol
.globl \name
\name:
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  movabsq $\symbol@GOT, %rax
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
