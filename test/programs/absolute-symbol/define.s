# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl magic, huge
.set magic, 0xbeef
.set huge, 0xfedcba9876543210
.section .note.GNU-stack, "", @progbits
