# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section parts, "aw", @nobits
.section .note.GNU-stack, "", @progbits
