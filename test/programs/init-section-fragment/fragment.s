# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .init, "ax", @progbits
  movl $1, ran(%rip)
.section .note.GNU-stack, "", @progbits
