# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro loads name, symbol, reg
.globl \name
\name:
  movq \symbol@GOTPCREL(%rip), %\reg
  movq %\reg, %rax
  ret
.endm
.text
loads load_small, small, rax
loads load_small_high, small, r11
loads load_wide, wide, rcx
loads load_negative, negative, rdx
.globl add_small
add_small:
  movq %rdi, %rax
  addq small@GOTPCREL(%rip), %rax
  ret
.section .note.GNU-stack, "", @progbits
