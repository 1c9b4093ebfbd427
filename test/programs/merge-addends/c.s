# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata.cst8, "aM", @progbits, 8
.Lone: .quad 0x0807060504030201
.Ltwo: .quad 0x1817161514131211
.Lagain: .quad 0x0807060504030201
.section .rodata.str1.1, "aMS", @progbits, 1
.Ltext: .asciz "common text"
.data
.balign 8
.globl words
words: .quad .Ltwo + 3, .Lagain + 5
.text
.globl code_middle
code_middle:
  leaq .Ltext + 3(%rip), %rax
  ret
.section .note.GNU-stack, "", @progbits
