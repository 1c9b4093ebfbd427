# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.type image, @tls_object
.type zeros, @tls_object
.section .rodata
.balign 8
.globl sizes, short_sizes
sizes: .quad image@size, zeros@size
short_sizes: .long image@size, zeros@size
.section .note.GNU-stack, "", @progbits
