# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro offset name, symbol, addend=0
.globl \name
\name:
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  movabsq $\symbol@GOTOFF + \addend, %rax
  addq %rdx, %rax
  ret
.endm
.text
offset data, words, 4
offset local, .Lvalue
offset function, twice
.data
.Lvalue: .long 55
.section .note.GNU-stack, "", @progbits
