# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl tiny, top, small, high
.set tiny, 0x41
.set top, 0xff
.set small, 0x1234
.set high, 0xffff
.section .note.GNU-stack, "", @progbits
