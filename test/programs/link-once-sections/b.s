# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl from_b
.type from_b, @function
from_b:
  subq $8, %rsp
  call once@PLT
  addq $8, %rsp
  ret
.size from_b, . - from_b
.section .gnu.linkonce.t.once, "ax", @progbits
.globl once
.type once, @function
once:
  movl $2, %eax
  ret
.size once, . - once
.section .note.GNU-stack, "", @progbits
