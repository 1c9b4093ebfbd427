# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata
.balign 8
.globl offsets, short_offsets
offsets: .quad first@dtpoff, second@dtpoff, third@dtpoff, third@dtpoff + 40
short_offsets: .long first@dtpoff, third@dtpoff
.section .note.GNU-stack, "", @progbits
