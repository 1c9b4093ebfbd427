# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  movq %fs:0, %rax
  addq variable@gottpoff(%rip), %rax
  ret
.section .note.GNU-stack, "", @progbits
