# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl call_defined, tail_defined, call_library, tail_library
call_defined:
  subq $8, %rsp
  call twice@PLT
  addq $8, %rsp
  ret
tail_defined:
  jmp twice@PLT
call_library:
  subq $8, %rsp
  call atoi@PLT
  addq $8, %rsp
  ret
tail_library:
  jmp atoi@PLT
.section .note.GNU-stack, "", @progbits
