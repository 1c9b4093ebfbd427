# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  leaq variable@tlsdesc(%rip), %rax
  call *variable@tlscall(%rax)
  addq %fs:0, %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
