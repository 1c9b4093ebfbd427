# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .data.rel.ro.cst8, "awM", @progbits, 8
.globl entries
.balign 8
entries: .quad one, two, one
.section .note.GNU-stack, "", @progbits
