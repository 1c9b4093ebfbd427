# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl from_a
.type from_a, @function
from_a:
  subq $8, %rsp
  call once@PLT
  addq $8, %rsp
  ret
.size from_a, . - from_a
.section .gnu.linkonce.t.once, "ax", @progbits
.globl once
.type once, @function
once:
  movl $1, %eax
  ret
.size once, . - once
.section .note.GNU-stack, "", @progbits
