# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl minus_one, lowest8, lowest16
.set minus_one, -1
.set lowest8, -128
.set lowest16, -32768
.section .note.GNU-stack, "", @progbits
