# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section parts, "aw", @progbits
.quad 2
.section .note.GNU-stack, "", @progbits
