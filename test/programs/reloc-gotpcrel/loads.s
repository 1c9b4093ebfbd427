# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl by_push, by_sse, by_field, by_plain_mov, word_is_null, absent_is_null, absent_is_one
.weak absent
by_push:
  pushq word@GOTPCREL(%rip)
  popq %rax
  ret
by_sse:
  movq word@GOTPCREL(%rip), %xmm0
  movq %xmm0, %rax
  ret
by_field:
  leaq .Lfield(%rip), %rdx
  movslq .Lfield(%rip), %rax
  movq (%rax, %rdx), %rax
  ret
by_plain_mov:
  .byte 0x48, 0x8b, 0x05                       # mov word@GOTPCREL(%rip), %rax
  .reloc ., R_X86_64_GOTPCREL, word - 4
  .long 0
  ret
word_is_null:
  xorl %eax, %eax
  cmpq $0, word@GOTPCREL(%rip)                 # A = -5
  sete %al
  ret
absent_is_null:
  xorl %eax, %eax
  cmpq $0, absent@GOTPCREL(%rip)
  sete %al
  ret
absent_is_one:
  xorl %eax, %eax
  cmpq $0x12345678, absent@GOTPCREL(%rip)      # A = -8
  sete %al
  ret
.section .rodata
.balign 4
.Lfield: .long word@GOTPCREL
.section .note.GNU-stack, "", @progbits
