# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl answer
answer:
  movl $42, %eax
  ret
.section .note.GNU-stack, "x", @progbits
