# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .text.shared, "axG", @progbits, shared, comdat
.weak shared
.type shared, @function
shared:
  movl .Lcount(%rip), %eax
  addl .Lstep(%rip), %eax
  movl %eax, .Lcount(%rip)
  ret
.section .data.shared, "awG", @progbits, shared, comdat
.Lcount: .long 20
.section .rodata.shared, "aG", @progbits, shared, comdat
.Lstep: .long 120
.text
.globl call_b
call_b:
  jmp shared@PLT
.section .note.GNU-stack, "", @progbits
