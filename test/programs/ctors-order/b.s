# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.macro entry section, text
.section .rodata
.Ltext\@: .asciz "b \text"
.text
.Lcall\@:
  leaq .Ltext\@(%rip), %rdi
  jmp puts@PLT
.section \section, "aw"
.balign 8
.quad .Lcall\@
.endm
entry .ctors, "ctors, first in its section"
entry .ctors, "ctors, second in its section"
entry .ctors.65435, "ctors 65435 = priority 100"
entry .ctors.00535, "ctors 00535 = priority 65000"
entry .dtors, "dtors, first in its section"
entry .dtors, "dtors, second in its section"
entry .dtors.65435, "dtors 65435 = priority 100"
.section .note.GNU-stack, "", @progbits
