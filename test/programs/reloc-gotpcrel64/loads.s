# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro slot name, symbol
.globl \name
\name:
  leaq .Lfield\@(%rip), %rdx
  addq .Lfield\@(%rip), %rdx
  movq (%rdx), %rax
  ret
.section .rodata
.balign 8
.Lfield\@:
  .reloc ., R_X86_64_GOTPCREL64, \symbol
  .quad 0
.text
.endm
.text
slot own, word
slot local, .Lvalue
slot library, atoi
.data
.Lvalue: .long 55
.section .note.GNU-stack, "", @progbits
