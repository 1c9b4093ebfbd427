# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  leaq variable@tlsld(%rip), %rdi
  call *__tls_get_addr@gotpcrel(%rip)
  addq $variable@dtpoff, %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
