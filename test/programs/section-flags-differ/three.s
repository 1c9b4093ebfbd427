# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section mixed, "a", @progbits
.globl constant
constant: .long 33
.section .note.GNU-stack, "", @progbits
