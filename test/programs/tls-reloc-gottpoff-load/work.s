# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl work
work:
  movq first@gottpoff(%rip), %rcx
  movq second@gottpoff(%rip), %r9
  movq %fs:(%rcx), %rax
  movq %rax, %fs:(%r9)
  addq %rdi, %fs:(%rcx)
  addq %fs:(%r9), %rax
  ret
.section .note.GNU-stack, "", @progbits
