# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .gnu.linkonce.d.value, "aw", @progbits
.globl value
.type value, @object
.size value, 4
value: .long 1
.section .gnu.linkonce.b.zero, "aw", @nobits
.globl zero
.type zero, @object
.size zero, 4
zero: .zero 4
.section .gnu.linkonce.td.own, "awT", @progbits
.globl own
.type own, @object
.size own, 4
own: .long 11
.text
.globl value_of_a, zero_of_a
value_of_a:
  movq value@GOTPCREL(%rip), %rax
  ret
zero_of_a:
  movq zero@GOTPCREL(%rip), %rax
  ret
.section .note.GNU-stack, "", @progbits
