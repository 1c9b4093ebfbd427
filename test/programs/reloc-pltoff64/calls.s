# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl call_defined, call_library
call_defined:
  subq $8, %rsp
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  movabsq $twice@PLTOFF, %rax
  addq %rdx, %rax
  call *%rax
  addq $8, %rsp
  ret
call_library:
  subq $8, %rsp
  leaq _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  movabsq $atoi@PLTOFF, %rax
  addq %rdx, %rax
  call *%rax
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
