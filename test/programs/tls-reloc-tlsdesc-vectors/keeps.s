# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fills the vector registers with ones, calls a descriptor, and counts the registers that are no longer all ones.
.altmacro
.macro fill_x n
  pcmpeqd %xmm\n, %xmm\n
.endm
.macro count_x n
  pmovmskb %xmm\n, %edx
  cmpl $0xffff, %edx
  setne %dl
  movzbl %dl, %edx
  addl %edx, (%rdi)
.endm
.macro fill_y n
  vcmptrueps %ymm0, %ymm0, %ymm\n
.endm
.macro count_y n
  vmovmskps %ymm\n, %edx
  cmpl $0xff, %edx
  setne %dl
  movzbl %dl, %edx
  addl %edx, (%rdi)
.endm
.macro sixteen action
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \action \n
  .endr
.endm
.globl keeps_xmm, keeps_ymm
keeps_xmm:
  subq $8, %rsp
  sixteen fill_x
  leaq own@tlsdesc(%rip), %rax
  call *own@tlscall(%rax)
  addq %fs:0, %rax
  sixteen count_x
  addq $8, %rsp
  ret
keeps_ymm:
  subq $8, %rsp
  vxorps %xmm0, %xmm0, %xmm0
  sixteen fill_y
  leaq state@tlsdesc(%rip), %rax
  call *state@tlscall(%rax)
  addq %fs:0, %rax
  sixteen count_y
  vzeroupper
  addq $8, %rsp
  ret
.section .note.GNU-stack, "", @progbits
