# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .text.shared, "axG", @progbits, shared, comdat
.weak shared
.type shared, @function
shared:
.Lshared:
  movl $1, %eax
  ret
.size shared, . - shared
.section __patchable_function_entries, "awR", @progbits
.quad .Lshared
.text
.globl from_b
.type from_b, @function
from_b:
  subq $8, %rsp
  call shared@PLT
  addq $8, %rsp
  ret
.size from_b, . - from_b
.section .note.GNU-stack, "", @progbits
