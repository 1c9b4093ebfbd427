# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro binop name, op, symbol, reg
.globl \name
\name:
  movq %rdi, %\reg
  stc
  \op \symbol@GOTPCREL(%rip), %\reg       # REX_GOTPCRELX
  movq %\reg, %rax
  ret
.endm
.macro compare name, symbol, reg
.globl \name
\name:
  movq %rdi, %\reg
  cmpq \symbol@GOTPCREL(%rip), %\reg
  sete %al
  movzbl %al, %eax
  ret
.endm
.text
.irp op, add, or, adc, sbb, and, sub, xor
binop own_\op, \op\()q, word, rcx
binop own_high_\op, \op\()q, word, r10
binop library_\op, \op\()q, atoi, rdx
.endr
compare own_cmp, word, rsi
compare own_high_cmp, word, r8
compare library_cmp, atoi, rcx
.section .note.GNU-stack, "", @progbits
