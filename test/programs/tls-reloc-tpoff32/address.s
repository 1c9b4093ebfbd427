# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address, load
address:
  movq %fs:0, %rax
  leaq variable@tpoff(%rax), %rax
  ret
load:
  movl %fs:variable@tpoff, %eax
  addl $0, %fs:padding@tpoff
  movq $padding@tpoff, %rcx
  addl %fs:(%rcx), %eax
  ret
.section .note.GNU-stack, "", @progbits
