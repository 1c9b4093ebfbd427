# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl one, two
.section .text.one, "ax", @progbits
one: ret
.section .text.two, "ax", @progbits
two: ret
.section about, "ao", @progbits, .text.two
.quad 2
.section about, "ao", @progbits, .text.one
.quad 1
.section about, "a", @progbits, unique, 1
.quad 3
.section .note.GNU-stack, "", @progbits
