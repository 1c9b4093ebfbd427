# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  leaq variable@tlsld(%rip), %rdi
  call __tls_get_addr@plt
  leaq variable@dtpoff(%rax), %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
