# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro sum_hundred
  .rept 100
  .byte 0x66
  leaq variable@tlsgd(%rip), %rdi
  .word 0x6666
  rex64
  call __tls_get_addr@plt
  addl (%rax), %ebx
  .endr
  movl %ebx, %eax
  popq %rbx
  ret
.endm

.text
.globl even, odd
even:
  pushq %rbx
  xorl %ebx, %ebx
  sum_hundred

.section .text.odd, "ax", @progbits
odd:
  pushq %rbx
  call one@plt  # a relocation before the pairs
  movl %eax, %ebx
  sum_hundred
.section .note.GNU-stack, "", @progbits
