# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section parts, "aw", @nobits
.zero 8
.section .note.GNU-stack, "", @progbits
