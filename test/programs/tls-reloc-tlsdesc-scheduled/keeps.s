# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fills every register with a value that is its own, calls two descriptors, counts the registers that changed.
.macro each action
  \action rcx, 1
  \action rdx, 2
  \action rsi, 3
  \action r8, 4
  \action r9, 5
  \action r10, 6
  \action r11, 7
  \action r12, 8
  \action r13, 9
  \action r14, 10
  \action r15, 11
  \action rbp, 12
.endm
.macro set register, value
  movq $\value, %\register
.endm
.macro count register, value
  cmpq $\value, %\register
  setne %al
  movzbl %al, %eax
  addl %eax, %ebx
.endm
.globl keeps
keeps:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  xorl %ebx, %ebx
  leaq first@tlsdesc(%rip), %rax
  each set
  movq $99, %rbx
  call *first@tlscall(%rax)
  addq %fs:0, %rax
  movq %rax, (%rdi)
  leaq second@tlsdesc(%rip), %rax
  subq $99, %rbx
  call *second@tlscall(%rax)
  addq %fs:0, %rax
  movq %rax, 8(%rdi)
  each count
  movl %ebx, %eax
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret
.section .note.GNU-stack, "", @progbits
