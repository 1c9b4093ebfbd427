# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro entry section, text
.section .rodata
.Ltext\@: .asciz "\text"
.text
.Lcall\@:
  leaq .Ltext\@(%rip), %rdi
  jmp puts@PLT
.section \section, "aw"
.balign 8
.quad .Lcall\@
.endm
entry .ctors.65235, "ctors 300"
entry .ctors.65435, "ctors 100"
.section .note.GNU-stack, "", @progbits
