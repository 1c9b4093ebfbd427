# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section mixed, "ax", @progbits
.globl function
function:
  movl $44, %eax
  ret
.section .note.GNU-stack, "", @progbits
