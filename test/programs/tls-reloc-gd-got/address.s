# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  .byte 0x66
  leaq variable@tlsgd(%rip), %rdi
  .byte 0x66
  rex64
  call *__tls_get_addr@gotpcrel(%rip)
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
