# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section parts, "a", @progbits
.quad 1
.section .note.GNU-stack, "", @progbits
