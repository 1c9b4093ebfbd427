# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.data
.Llocal: .long 77
.section .rodata
.balign 8
.globl to_words, to_function, to_local
to_words: .quad words + 12 - .
to_function: .quad twice - .
to_local: .quad .Llocal - .
.section .note.GNU-stack, "", @progbits
