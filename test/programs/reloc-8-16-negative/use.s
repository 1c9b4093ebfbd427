# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.data
.globl bytes, words
bytes: .byte minus_one, lowest8
words: .short minus_one, lowest16
.section .note.GNU-stack, "", @progbits
