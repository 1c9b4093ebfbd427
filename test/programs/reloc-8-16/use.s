# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.data
.globl bytes, words
bytes: .byte tiny, tiny + 1, top
.balign 2
words: .short small, small - 1, high
.text
.globl by_imm8, by_imm16
by_imm8:
  xorl %eax, %eax
  movb $tiny, %al    # 8
  ret
by_imm16:
  xorl %eax, %eax
  movw $small, %ax   # 16
  ret
.section .note.GNU-stack, "", @progbits
