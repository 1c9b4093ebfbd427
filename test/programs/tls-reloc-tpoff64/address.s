# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address, distance
address:
  movabsq $variable@tpoff, %rax
  addq %fs:0, %rax
  ret
.data
.balign 8
distance: .quad variable@tpoff + 4
.section .note.GNU-stack, "", @progbits
