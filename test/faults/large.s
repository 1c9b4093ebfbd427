# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Large enough to be written and relocated by several threads.
        .data
        .globl  large
large:  .fill   5 << 20, 1, 1
        .rept   50000
        .quad   large
        .endr
        .section .note.GNU-stack, "", @progbits
