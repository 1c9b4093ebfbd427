# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .text.shared, "axG", @progbits, shared, comdat
.weak shared
.type shared, @function
shared:
.Lshared:
  movl $1, %eax
  ret
.size shared, . - shared
.section .text.own_a, "ax", @progbits
.type own_a, @function
own_a:
  movl $10, %eax
  ret
.section notes, "awo", @progbits, .text.shared
.balign 8
.quad .Lshared
.section notes, "awo", @progbits, .text.own_a
.balign 8
.quad own_a
.text
.globl from_a
.type from_a, @function
from_a:
  subq $8, %rsp
  call shared@PLT
  addq $8, %rsp
  ret
.size from_a, . - from_a
.quad own_a - .
.section .note.GNU-stack, "", @progbits
