# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl by_imm32, by_imm32s, by_displacement, by_negative
by_imm32:
  movl $values + 4, %eax           # 32
  ret
by_imm32s:
  movq $values + 8, %rax           # 32S
  ret
by_displacement:
  movl values(, %rdi, 4), %eax     # 32S
  ret
by_negative:
  movl values - 4(, %rdi, 4), %eax # 32S, A < 0
  ret
.data
.globl narrow
narrow: .long values, values + 16  # 32
.section .note.GNU-stack, "", @progbits
