# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl positive_twice, positive_section, nonzero_library, pc32_library
positive_twice:
  movl $-1, %eax
  testl %edi, %edi
  jg twice@PLT
  ret
positive_section:
  movl $-2, %eax
  testl %edi, %edi
  jg .Lcold
  ret
nonzero_library:
  movl $-3, %eax
  testl %esi, %esi
  jne atoi@PLT
  ret
pc32_library:
  movl $-4, %eax
  testl %esi, %esi
  .byte 0x0f, 0x85                        # jne atoi
  .reloc ., R_X86_64_PC32, atoi - 4
  .long 0
  ret
.section .text.unlikely, "ax", @progbits
.Lcold:
  movl $99, %eax
  ret
.section .note.GNU-stack, "", @progbits
