# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro tests name, symbol, reg
.globl \name
\name:
  movq %rdi, %\reg
  xorl %eax, %eax
  testq %\reg, \symbol@GOTPCREL(%rip)     # REX_GOTPCRELX
  setne %al
  ret
.endm
.text
tests test_own, word, rcx
tests test_own_high, word, r9
tests test_library, atoi, rdx
tests test_library_high, atoi, r11
.section .note.GNU-stack, "", @progbits
