# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl one, two, three
.section .text.one, "ax", @progbits
one: ret
.section .text.two, "ax", @progbits
two: ret
.section .text.three, "ax", @progbits
three: ret
.section about, "ao", @progbits, .text.three
.quad 3
.section about, "ao", @progbits, .text.one
.quad 1
.section about, "ao", @progbits, .text.two
.quad 2
.section .note.GNU-stack, "", @progbits
