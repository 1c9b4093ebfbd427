# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  leaq _TLS_MODULE_BASE_@tlsdesc(%rip), %rax
  call *_TLS_MODULE_BASE_@tlscall(%rax)
  addq %fs:0, %rax
  addl $0, padding@dtpoff(%rax)
  leaq variable@dtpoff(%rax), %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
