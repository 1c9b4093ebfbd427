# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .gnu.linkonce.d.value, "aw", @progbits
.globl value
.type value, @object
.size value, 4
value: .long 2
.section .gnu.linkonce.b.zero, "aw", @nobits
.globl zero
.type zero, @object
.size zero, 4
zero: .zero 4
.section .gnu.linkonce.td.own, "awT", @progbits
.globl own
.type own, @object
.size own, 4
own: .long 12
.section .note.GNU-stack, "", @progbits
