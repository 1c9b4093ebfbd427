# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .patched, "awx", @progbits
.globl answer
answer:
  movl $42, %eax
  ret
.section .note.GNU-stack, "", @progbits
