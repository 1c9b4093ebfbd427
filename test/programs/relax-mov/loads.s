# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Loads a slot into each register but rsp and rdi, which holds the array.
.macro loads name, symbol
.globl \name
\name:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
.set n, 0
.irp reg, rax, rbx, rcx, rdx, rsi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
  movq \symbol@GOTPCREL(%rip), %\reg      # REX_GOTPCRELX
  movq %\reg, 8 * n(%rdi)
  .set n, n + 1
.endr
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret
.endm
.text
loads load_own, word
loads load_library, atoi
.section .note.GNU-stack, "", @progbits
