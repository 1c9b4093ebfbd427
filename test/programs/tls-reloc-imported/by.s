# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl general, general_got, initial, descriptor
general:
  subq $8, %rsp
  .byte 0x66
  leaq state@tlsgd(%rip), %rdi
  .word 0x6666
  rex64
  call __tls_get_addr@plt
  addq $8, %rsp
  ret
general_got:
  subq $8, %rsp
  .byte 0x66
  leaq state@tlsgd(%rip), %rdi
  .byte 0x66
  rex64
  call *__tls_get_addr@gotpcrel(%rip)
  addq $8, %rsp
  ret
initial:
  movq %fs:0, %rax
  addq state@gottpoff(%rip), %rax
  ret
descriptor:
  subq $8, %rsp
  leaq state@tlsdesc(%rip), %rax
  call *state@tlscall(%rax)
  addq %fs:0, %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
