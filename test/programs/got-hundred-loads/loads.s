# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .text.one, "ax"
.globl load_hundred, call_from_one, call_from_other
load_hundred:
  movq abs@GOTPCREL(%rip), %rax
.rept 99
  movq abs@GOTPCREL(%rip), %rdx
  cmpq %rdx, %rax
  jne 1f
.endr
  ret
1:
  xorl %eax, %eax
  ret
call_from_one:
  subq $8, %rsp
  call atoi@PLT
  addq $8, %rsp
  ret
.section .text.other, "ax"
call_from_other:
  subq $8, %rsp
  call atoi@PLT
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
