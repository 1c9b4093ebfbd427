# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  movq variable@gottpoff(%rip), %rax
  addq %fs:0, %rax
  ret
.section .note.GNU-stack, "", @progbits
