# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata
.balign 8
.globl size32, size32_more, size64, size_of_hidden
size64: .quad odd@SIZE
size_of_hidden: .quad hidden@SIZE
size32: .long odd@SIZE
size32_more: .long odd@SIZE + 5
.text
.globl by_imm
by_imm:
  movl $odd@SIZE, %eax
  ret
.section .note.GNU-stack, "", @progbits
