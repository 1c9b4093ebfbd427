# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.data
.balign 8
.globl table
table: .quad magic, magic + 1, huge
.section .note.GNU-stack, "", @progbits
