# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro general name
  .byte 0x66
  leaq \name@tlsgd(%rip), %rdi
  .word 0x6666
  rex64
  call __tls_get_addr@plt
.endm
.globl addresses
addresses:
  pushq %rbx
  pushq %r12
  subq $8, %rsp
  movq %rdi, %rbx
  movq %rsi, %r12
  general a
  movq %rax, (%rbx)
  general b
  movq %rax, (%r12)
  general zero
  addq $8, %rsp
  popq %r12
  popq %rbx
  ret
.section .note.GNU-stack, "", @progbits
