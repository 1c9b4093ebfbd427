# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  subq $8, %rsp
  .byte 0x66
  leaq variable@tlsgd(%rip), %rdi
  .word 0x6666
  rex64
  call __tls_get_addr@plt
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
