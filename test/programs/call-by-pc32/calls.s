# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl call_library, tail_library
call_library:
  subq $8, %rsp
  .byte 0xe8                              # call atoi
  .reloc ., R_X86_64_PC32, atoi - 4
  .long 0
  addq $8, %rsp
  ret
tail_library:
  .byte 0xe9                              # jmp atoi
  .reloc ., R_X86_64_PC32, atoi - 4
  .long 0
.section .note.GNU-stack, "", @progbits
