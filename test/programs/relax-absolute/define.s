# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl small, wide, negative
.set small, 0x1234
.set wide, 0x123456789abcdef0
.set negative, -2
.section .note.GNU-stack, "", @progbits
