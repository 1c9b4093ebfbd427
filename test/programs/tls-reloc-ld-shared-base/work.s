# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl work
work:
  subq $8, %rsp
  leaq first@tlsld(%rip), %rdi
  call __tls_get_addr@plt
  movq first@dtpoff(%rax), %rcx
  addq second@dtpoff(%rax), %rcx
  movw $-5, third@dtpoff(%rax)
  addq $100, second@dtpoff(%rax)
  movq $second@dtpoff, %rdx
  addq (%rax,%rdx), %rcx
  movq %rcx, %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
