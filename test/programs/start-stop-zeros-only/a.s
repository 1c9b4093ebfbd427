# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section parts, "a", @nobits
.zero 8
.section .note.GNU-stack, "", @progbits
