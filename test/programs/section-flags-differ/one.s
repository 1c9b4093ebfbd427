# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section mixed, "aw", @progbits
.globl writable
writable: .long 5
.section .note.GNU-stack, "", @progbits
