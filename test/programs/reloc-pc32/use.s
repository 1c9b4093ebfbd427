# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl load, load_local, compare_imm8, store_imm8, store_imm32, store_imm16
load:
  movl words + 8(%rip), %eax       # A = 8 - 4
  ret
load_local:
  movl .Llocal + 4(%rip), %eax     # a section symbol
  ret
compare_imm8:
  xorl %eax, %eax
  cmpb $9, octet(%rip)             # A = -5
  sete %al
  ret
store_imm8:
  movb $42, octet(%rip)            # A = -5
  ret
store_imm32:
  movl $0x12345678, word(%rip)     # A = -8
  ret
store_imm16:
  movw $0x4321, word(%rip)         # A = -6
  ret
.data
.Llocal: .long 5, 6
.section .rodata
.globl delta, delta_plus
.balign 4
delta: .long words - .
delta_plus: .long words - . + 8
.section .note.GNU-stack, "", @progbits
