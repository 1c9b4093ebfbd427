# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .text.shared, "axG", @progbits, shared, comdat
.weak shared
.type shared, @function
shared:
.Lshared:
  movl $1, %eax
  ret
.size shared, . - shared
.section .text.own_b, "ax", @progbits
.type own_b, @function
own_b:
  movl $10, %eax
  ret
.section notes, "awo", @progbits, .text.shared
.balign 8
.quad .Lshared
.section notes, "awo", @progbits, .text.own_b
.balign 8
.quad own_b
.text
.globl from_b
.type from_b, @function
from_b:
  subq $8, %rsp
  call shared@PLT
  addq $8, %rsp
  ret
.size from_b, . - from_b
.quad own_b - .
.section .note.GNU-stack, "", @progbits
