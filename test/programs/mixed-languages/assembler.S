# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define RESULT %eax
.text
.globl from_assembler
from_assembler:
  subq $8, %rsp
  call from_cxx@PLT
  addl $100, RESULT
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
