# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata.str1.1, "aMS", @progbits, 1
  .asciz "odd a"
.section .rodata.str1.16, "aMS", @progbits, 1
.balign 16
.Lpaddinga: .asciz "a"
.balign 16
.Ltext: .asciz "sixteen chars a."
.section .rodata.cst16, "aM", @progbits, 16
.balign 16
.Lzero: .skip 15
  .byte 0
.text
.globl load_a
load_a:
  movaps .Ltext(%rip), %xmm0
  orps .Lzero(%rip), %xmm0
  movups %xmm0, (%rdi)
  movb $0, 15(%rdi)
  ret
.section .note.GNU-stack, "", @progbits
