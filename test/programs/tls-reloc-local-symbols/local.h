// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .tdata, "awT", @progbits
.balign 4
state: .long VALUE
.text
.globl NAME(general), NAME(initial), NAME(exec), NAME(descriptor)
NAME(general):
  subq $8, %rsp
  .byte 0x66
  leaq state@tlsgd(%rip), %rdi
  .word 0x6666
  rex64
  call __tls_get_addr@plt
  addq $8, %rsp
  ret
NAME(initial):
  movq state@gottpoff(%rip), %rax
  addq %fs:0, %rax
  ret
NAME(exec):
  movq %fs:0, %rax
  leaq state@tpoff(%rax), %rax
  ret
NAME(descriptor):
  subq $8, %rsp
  leaq state@tlsdesc(%rip), %rax
  call *state@tlscall(%rax)
  addq %fs:0, %rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
